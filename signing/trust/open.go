package trust

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Open reads a signed list and checks that enough states signed it.
//
// Without a previous list the note must be trusted for another reason: it is
// the list pinned by the verifier or named by the court (rule P10), of whatever
// version. It then needs the signatures of at least its own number of signers,
// from its own states. With a previous list it must be the next version, name
// the previous note's digest, and have the signatures that list asks for from
// that list's states as well.
//
// Errors: [ErrForm]; [ErrSignature] when a listed state's signature is wrong,
// which no honest party produces; [ErrQuorum]; [ErrChain].
func Open(signed []byte, previous *List) (*List, error) {
	if len(signed) > MaxList {
		return nil, fmt.Errorf("signed list over 1 MiB: %w", ErrForm)
	}
	text, err := splitNote(signed)
	if err != nil {
		return nil, err
	}
	l, err := ParseText(text)
	if err != nil {
		return nil, err
	}
	if err := l.checkSigned(signed, l); err != nil {
		return nil, err
	}
	if previous != nil {
		if err := l.follows(previous); err != nil {
			return nil, err
		}
		if err := l.checkSigned(signed, previous); err != nil {
			return nil, err
		}
	}
	l.note = bytes.Clone(signed)
	return l, nil
}

// follows checks version and hash chain (spec/trust.md).
func (l *List) follows(previous *List) error {
	switch {
	case l.Version != previous.Version+1:
		return fmt.Errorf("version %d after %d: %w", l.Version, previous.Version, ErrChain)
	case l.Previous != previous.Digest(): // zero for a list that nobody opened, and never named
		return fmt.Errorf("version %d names %s as the list before it, given is %s: %w", l.Version, l.Previous, previous.Digest(), ErrChain)
	case l.Issued.Before(previous.Issued):
		return fmt.Errorf("version %d was issued before version %d: %w", l.Version, previous.Version, ErrChain)
	}
	return nil
}

// checkSigned checks that signed bears at least by.Signers signatures of by's
// states.
func (l *List) checkSigned(signed []byte, by *List) error {
	var keys []VKey
	for _, s := range by.States {
		keys = append(keys, s.Key)
	}
	known, err := Verifiers(keys...)
	if err != nil {
		return err
	}
	n, err := note.Open(signed, known)
	var invalid *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return fmt.Errorf("%s: %w", invalid.Name, ErrSignature)
	case errors.As(err, &none):
		return fmt.Errorf("version %d: 0 of %d signers of version %d: %w", l.Version, by.Signers, by.Version, ErrQuorum)
	case err != nil:
		return fmt.Errorf("%w: %w", err, ErrForm)
	}
	// One key for each state and one verified signature for each key: signatures are states.
	if len(n.Sigs) < by.Signers {
		return fmt.Errorf("version %d: %d of %d signers of version %d: %w", l.Version, len(n.Sigs), by.Signers, by.Version, ErrQuorum)
	}
	return nil
}

// splitNote returns the text of a note whose signature lines are each in their
// one form and by another key. note.Open, which sees the note as well, takes
// loose base64 and repeated lines; then one note would have several digests.
func splitNote(signed []byte) (string, error) {
	text, sigs, ok := strings.Cut(string(signed), "\n\n")
	if !ok || !strings.HasSuffix(sigs, "\n") {
		return "", fmt.Errorf("no signatures after an empty line: %w", ErrForm)
	}
	seen := set{}
	for line := range strings.Lines(sigs) {
		name, b64, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "— "), " ")
		raw, err := base64.StdEncoding.Strict().DecodeString(b64)
		if err != nil || len(raw) < 5 {
			return "", fmt.Errorf("signature line of %.80q: %w", name, ErrForm)
		}
		if !seen.add(name + " " + string(raw[:4])) {
			return "", fmt.Errorf("two signatures of %.80q: %w", name, ErrForm)
		}
	}
	return text + "\n", nil
}

// Sign returns the list as a note signed by each signer, whose keys come from
// [GenerateKey]. It does not ask whether they are enough; [Open] does.
func (l *List) Sign(signers ...note.Signer) ([]byte, error) {
	text, err := l.Text()
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign trust list: %w", err)
	}
	if len(signed) > MaxList {
		return nil, fmt.Errorf("signed list over 1 MiB: %w", ErrForm)
	}
	return signed, nil
}

// Note returns the signed list as opened, nil for one that was only built.
func (l *List) Note() []byte { return bytes.Clone(l.note) }

// Digest returns SHA-256 of the whole note, signatures included: what the next
// list and leaves of type 3 name. It is zero for a list that was only built.
func (l *List) Digest() Digest {
	if l.note == nil {
		return Digest{}
	}
	return DigestOf(l.note)
}

// Conflict reports whether a and b are two lists of one version with another
// content, so that neither decides anything (rule P12). Lists that differ only
// in signatures say the same.
func Conflict(a, b *List) bool { return a.Version == b.Version && a.text() != b.text() }
