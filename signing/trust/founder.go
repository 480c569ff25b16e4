package trust

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// MaxFounder is the largest founder file in bytes (spec/trust.md, "Founder file").
const MaxFounder = 1 << 16

const founderHeader = "custody-founder/v1"

// Sign returns the founder file of f: what its state brings to a list, signed by
// the key that will sign lists for it. The certificate is the authority's, in DER.
// Errors wrap [ErrForm].
func (f Founder) Sign(certificate []byte, key note.Signer) ([]byte, error) {
	f.Authority = DigestOf(certificate)
	if err := f.check(); err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: f.text(certificate)}, key)
	if err != nil {
		return nil, fmt.Errorf("sign founder file: %w", err)
	}
	_, _, err = OpenFounder(signed)
	return signed, err
}

// OpenFounder reads a founder file and checks that the state's own key, and
// nobody else, signed it: whoever made it has the key. That the state wants to be
// listed with these entries is proven later, by its signature on the list.
//
// Errors: [ErrForm]; [ErrSignature].
func OpenFounder(signed []byte) (f Founder, certificate []byte, err error) {
	if len(signed) > MaxFounder {
		return Founder{}, nil, fmt.Errorf("founder file over %d bytes: %w", MaxFounder, ErrForm)
	}
	text, err := splitNote(signed)
	if err != nil {
		return Founder{}, nil, err
	}
	if f, certificate, err = parseFounder(text); err != nil {
		return Founder{}, nil, err
	}
	known, err := Verifiers(f.Key)
	if err != nil {
		return Founder{}, nil, err
	}
	n, err := note.Open(signed, known)
	if err != nil {
		return Founder{}, nil, fmt.Errorf("founder file of %s: %v: %w", f.State, err, ErrSignature)
	}
	if len(n.UnverifiedSigs) > 0 {
		return Founder{}, nil, fmt.Errorf("founder file of %s: signed by others too: %w", f.State, ErrForm)
	}
	return f, certificate, nil
}

func parseFounder(text string) (f Founder, certificate []byte, err error) {
	body, ok := strings.CutPrefix(text, founderHeader+"\n")
	if !ok {
		return f, nil, fmt.Errorf("no %q in the first line: %w", founderHeader, ErrForm)
	}
	w := words{rest: strings.Fields(body)}
	f.State = w.after("state").state()
	f.Key, f.Log = w.after("key").vkey(), w.after("log").vkey()
	f.Witness, f.Auditor = w.after("witness").vkey(), w.after("auditor").vkey()
	b64 := w.after("authority").next()
	if err := w.end(); err != nil {
		return f, nil, err
	}
	if certificate, err = base64.StdEncoding.Strict().DecodeString(b64); err != nil {
		return f, nil, fmt.Errorf("authority's certificate: %w", ErrForm)
	}
	f.Authority = DigestOf(certificate)
	if f.text(certificate) != text {
		return f, nil, fmt.Errorf("founder file in another form: %w", ErrForm)
	}
	return f, certificate, f.check()
}

func (f Founder) text(certificate []byte) string {
	return fmt.Sprintf("%s\nstate %s\nkey %s\nlog %s\nwitness %s\nauditor %s\nauthority %s\n",
		founderHeader, f.State, f.Key, f.Log, f.Witness, f.Auditor, base64.StdEncoding.EncodeToString(certificate))
}

// check asks whether a list could have the founder: ranges, types of keys, each
// key in one role.
func (f Founder) check() error {
	at := time.Unix(0, 0)
	_, _, err := Found(Founding{Founders: []Founder{f}, From: at, Issued: at, NextUpdate: at.Add(time.Hour)})
	return err
}
