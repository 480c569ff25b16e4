package pack

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"example.org/custody/evidence"
)

// NoteDigest returns the SHA-256 by which a dossier names a note, policy or
// certificate.
func NoteDigest(b []byte) evidence.Hash { return sha256.Sum256(b) }

// Note returns the note with that digest, and false when the dossier has none.
func (d *Dossier) Note(digest evidence.Hash) ([]byte, bool) {
	for _, n := range d.Notes {
		if NoteDigest(n) == digest {
			return n, true
		}
	}
	return nil, false
}

// Log returns the line of the ledger named o, or nil.
func (d *Dossier) Log(o evidence.Origin) *LogLine {
	for i := range d.Logs {
		if d.Logs[i].Origin == o {
			return &d.Logs[i]
		}
	}
	return nil
}

// Encode returns the files of the dossier, by name. It sorts d as
// spec/package.md says, so the same contents give the same bytes. It returns
// [ErrLimit] or [ErrForm], naming the file, when d has no such form.
func (d *Dossier) Encode() (map[string][]byte, error) {
	if err := d.Sort(); err != nil {
		return nil, err
	}
	notes := make([]noteLine, len(d.Notes))
	for i, n := range d.Notes {
		notes[i].Note = n
	}
	files := make(map[string][]byte)
	for name, encode := range map[string]func() ([]byte, error){
		ItemsName:  func() ([]byte, error) { return encodeLines(d.Items) },
		EventsName: func() ([]byte, error) { return encodeLines(d.Events) },
		LogsName:   func() ([]byte, error) { return encodeLines(d.Logs) },
		NotesName:  func() ([]byte, error) { return encodeLines(notes) },
	} {
		b, err := encode()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = b
	}
	if len(d.Readers) > 0 {
		b, err := encodeLines(d.Readers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ReadersName, err)
		}
		files[ReadersName] = b
	}
	for v, b := range d.Lists {
		files[ListName(v)] = b
	}
	for h, b := range d.Policies {
		files[PolicyName(h)] = b
	}
	for h, b := range d.Certs {
		files[CertName(h)] = b
	}
	for h, b := range d.Tokens {
		files[TokenName(h)] = b
	}
	for h, b := range d.Agreements {
		files[AgreementName(h)] = b
	}
	if len(d.Anchors) > 0 {
		b, err := encodeLines(d.Anchors)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", AnchorsName, err)
		}
		files[AnchorsName] = b
	}
	// What is written must be read: one set of checks for both.
	if _, err := Decode(files); err != nil {
		return nil, err
	}
	return files, nil
}

// Sort puts everything but the items into the order of spec/package.md and
// replaces absent lists by empty ones. It fails with [ErrForm] when an event
// does not say which item it belongs to.
func (d *Dossier) Sort() error {
	for i := range d.Items {
		d.Items[i].Payload = list(d.Items[i].Payload)
	}
	for i := range d.Readers {
		slices.Sort(d.Readers[i].Entries)
	}
	slices.SortFunc(d.Readers, func(a, b Reader) int { return cmp.Compare(a.Recipient, b.Recipient) })
	for i := range d.Logs {
		d.Logs[i].sort()
	}
	slices.SortFunc(d.Logs, func(a, b LogLine) int { return cmp.Compare(a.Origin, b.Origin) })
	slices.SortFunc(d.Notes, compareNotes)
	slices.SortFunc(d.Anchors, compareAnchors)
	places := d.placer()
	type placed struct {
		place
		line EventLine
	}
	all := make([]placed, len(d.Events))
	for i, e := range d.Events {
		if e.Receipt != nil {
			e.Receipt.Proof = list(e.Receipt.Proof)
		}
		p, err := places.of(e)
		if err != nil {
			return formError(EventsName, i+1, "%v", err)
		}
		all[i] = placed{p, e}
	}
	slices.SortFunc(all, func(a, b placed) int { return a.compare(b.place) })
	for i := range all {
		d.Events[i] = all[i].line
	}
	return nil
}

func (l *LogLine) sort() {
	l.Inclusion, l.Closed = list(l.Inclusion), list(l.Closed)
	l.Epoch.Proof = list(l.Epoch.Proof)
	for i := range l.Inclusion {
		l.Inclusion[i].Proof = list(l.Inclusion[i].Proof)
	}
	for i := range l.Lists {
		l.Lists[i].Proof = list(l.Lists[i].Proof)
	}
	slices.SortFunc(l.Lists, compareLists)
	slices.SortFunc(l.Inclusion, compareInclusions)
	slices.SortFunc(l.Closed, compareClosed)
}

func compareInclusions(a, b Inclusion) int { return cmp.Compare(a.Index, b.Index) }
func compareLists(a, b ListLine) int       { return cmp.Compare(a.Version, b.Version) }
func compareClosed(a, b ClosedLine) int    { return bytes.Compare(a.Seal[:], b.Seal[:]) }
func compareNotes(a, b []byte) int {
	x, y := sha256.Sum256(a), sha256.Sum256(b)
	return bytes.Compare(x[:], y[:])
}

// list returns l, or an empty list for nil, which JSON would write as null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// noteLine is one line of notes.jsonl.
type noteLine struct {
	Note []byte `json:"note"`
}
