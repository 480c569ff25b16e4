package desk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// A package that FR makes of an item which DE holds holds for a court in AT that has the
// list and nothing else. The same package, by the same packer, under checkpoints that AT
// has not signed, does not: DE's word is one too few, and the verdict names who vouches.
func TestTourOneStateTooFew(t *testing.T) {
	sessions, dir := toured(t)
	given := filepath.Join(dir, "package-fr.asice")
	out := &Toured{Dir: dir, Giver: given, Trust: filepath.Join(dir, "trust.note")}
	for _, file := range []string{given, filepath.Join(dir, "again.asice")} {
		if file != given {
			repack(t, sessions[0], given, file, "")
		}
		out.Giver = file
		if whole, err := out.CheckGiver(t.Context()); err != nil || whole.Exit != verify.ExitHolds {
			t.Fatalf("%s: %+v, %v", file, whole, err)
		}
	}
	out.Giver = filepath.Join(dir, "fewer.asice")
	repack(t, sessions[0], given, out.Giver, "AT")
	fewer, err := out.CheckGiver(t.Context())
	if err != nil || fewer.Exit != verify.ExitUndecided {
		t.Fatalf("exit %d, %v: %s", fewer.Exit, err, fewer.Sentence)
	}
	for _, f := range fewer.Container {
		if f.Status == verify.Fails {
			t.Errorf("the package is not as it was made: %+v", f)
		}
	}
	for _, q := range fewer.Items[0].Questions {
		switch n, said := q.N, findings(q); {
		case q.Status == verify.Fails:
			t.Errorf("question %d fails: %s", n, said)
		case n == 6 && (q.Status != verify.Undecided || !strings.Contains(said, "is not met: witnesses of DE, auditors of DE")):
			t.Errorf("question 6 is %s: %s", q.Status, said)
		case n == 4 && q.Status == verify.Holds:
			t.Errorf("nothing was left out, on the word of one state too few: %s", said)
		}
	}
}

// findings are what a question's findings say.
func findings(q verify.Question) string {
	var all []string
	for _, f := range q.Findings {
		all = append(all, string(f.Status)+" "+f.Detail)
	}
	return strings.Join(all, "; ")
}

// repack has the desk that made a package make it again, under the same checkpoints
// without the cosignatures of a state; "" leaves them as they are.
func repack(t *testing.T, s *Session, from, to, without string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	d := p.Dossier
	for i, line := range d.Logs {
		if without == "" {
			break
		}
		note := withoutState(t, s.trusted.List, d.Notes, line.Note, without)
		d.Logs[i].Note = pack.NoteDigest(note)
		d.Notes = append(d.Notes, note)
	}
	f, err := asic.Create(to, asic.Options{Signatures: []string{asic.SignatureDSSE}})
	if err != nil {
		t.Fatal(err)
	}
	err = pack.Write(t.Context(), f.Writer, pack.Writing{
		Dossier: d, Payload: enclosed(t, p), Packed: p.Statement.Packed, To: p.Statement.To, Signers: []evidence.Signer{s.acting.as},
		Verdict: func(found pack.Contents, packed time.Time) (io.WriterTo, error) {
			return verify.Sender(d, found, packed, p.Statement.To, s.trusted.Root())
		},
		Report: func() ([]byte, error) { return p.Report, nil },
		Sign: func(ctx context.Context, kind string, payload []byte) (*signing.Envelope, error) {
			return signing.Sign(ctx, kind, payload, s.acting.signer)
		},
	})
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// withoutState returns the note of a digest without the signatures of a state's cosigners.
func withoutState(t *testing.T, l *trust.List, notes [][]byte, digest evidence.Hash, state string) []byte {
	t.Helper()
	var kept []string
	for _, n := range notes {
		if pack.NoteDigest(n) != digest {
			continue
		}
		for _, line := range strings.SplitAfter(string(n), "\n") {
			if !signedBy(l, line, state) {
				kept = append(kept, line)
			}
		}
		if strings.Join(kept, "") == string(n) {
			t.Fatalf("%s has not signed\n%s", state, n)
		}
	}
	return []byte(strings.Join(kept, ""))
}

// signedBy reports whether a line of a note is a signature of a state's cosigner.
func signedBy(l *trust.List, line, state string) bool {
	for _, all := range [][]trust.Cosigner{l.Witnesses, l.Auditors} {
		for _, k := range all {
			if k.State == state && strings.HasPrefix(line, "— "+k.Key.Name()+" ") {
				return true
			}
		}
	}
	return false
}

// enclosed are the copies in a package.
func enclosed(t *testing.T, p *pack.Package) (all []pack.Source) {
	t.Helper()
	for _, it := range p.Dossier.Items {
		for _, at := range it.Payload {
			r, size, err := p.OpenEntry(at.Entry)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, pack.Source{Enclosed: at, Size: size, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }})
		}
	}
	return all
}
