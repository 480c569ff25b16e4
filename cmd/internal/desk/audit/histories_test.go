package audit

import (
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/node"
	"example.org/custody/ledger/witness"
	"example.org/custody/verify"
)

const liarOrigin = evidence.Origin("aa.example/ledger")

// onlooker is the node of an honest state, with a witness, and an auditor that reads
// the ledger where its operator says.
func (l *liar) onlooker(reads string) *client.Node {
	l.t.Helper()
	key := l.verifier()
	config := func(name string) witness.Config {
		skey, _, err := note.GenerateKey(nil, name)
		if err != nil {
			l.t.Fatal(err)
		}
		s, err := fnote.NewSignerForCosignatureV1(skey)
		if err != nil {
			l.t.Fatal(err)
		}
		return witness.Config{Signers: []note.Signer{s}, State: new(witness.Memory), Logs: func(evidence.Origin) []note.Verifier { return []note.Verifier{key} }}
	}
	w, errW := witness.New(config("cc-witness"))
	a, errA := witness.NewAuditor(config("cc-auditor"), witness.InMemory)
	log, errL := client.New(reads, nil)
	n, errN := node.New(node.Config{
		Tiles: l.t.TempDir(), Witness: w, Auditor: a, Ledgers: map[evidence.Origin]*client.Log{liarOrigin: log.Log()},
		Followed: func() ([]evidence.Origin, error) { return []evidence.Origin{liarOrigin}, nil }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err := errors.Join(errW, errA, errL, errN); err != nil {
		l.t.Fatal(err)
	}
	s := httptest.NewServer(n)
	c, err := client.New(s.URL, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { c.Close(); log.Close(); s.Close() })
	return c
}

func (l *liar) verifier() note.Verifier {
	l.t.Helper()
	v, err := note.NewVerifier(l.vkey)
	if err != nil {
		l.t.Fatal(err)
	}
	return v
}

// checkpoint is what the ledger published.
func (l *liar) checkpoint() []byte {
	l.t.Helper()
	b, err := os.ReadFile(filepath.Join(l.dir, "log", "checkpoint"))
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}

// A node shows two states different histories, over real HTTP. The checkpoint that the
// witness of the one has seen, held against what the other reads, gives an alarm that
// needs nothing but the ledger's key; and so does the auditor of either, which reads what
// it is asked to sign.
func TestTwoHistories(t *testing.T) {
	for kind, c := range map[string]struct{ one, other uint64 }{
		"fork":  {30, 9},
		"split": {30, 30},
	} {
		t.Run(kind, func(t *testing.T) {
			one := newLiar(t, events(t, c.one, honest)...)
			other := one.again(append(ledgertest.Events(1000, 1000+c.other), ledger.Leaf{byte(ledger.TypePadding)})...)
			shownToBB, shownToCC := one.served(nil), other.served(nil)
			cc := one.onlooker(shownToCC)
			if _, err := cc.Cosigner(client.Witness, one.verifier()).Cosign(t.Context(), ledger.CosignRequest{Note: other.checkpoint()}); err != nil {
				t.Fatalf("the first history that it sees: %v", err)
			}
			seen, err := cc.Cosigner(client.Witness, one.verifier()).Latest(t.Context(), liarOrigin)
			if err != nil {
				t.Fatal(err)
			}
			if alone, err := Ledger(t.Context(), Task{Dir: shownToBB, Root: one.root}); err != nil || alone.Status != verify.Holds {
				t.Fatalf("each history by itself: %+v, %v", alone, err)
			}
			got, err := Ledger(t.Context(), Task{Dir: shownToBB, Root: one.root, Notes: []string{one.file(seen)}})
			if err != nil || got.Status != verify.Fails || got.Alarm == nil {
				t.Fatalf("both: %+v, %v", got, err)
			}
			one.proves(kind, got)
			one.caughtBy(cc, other, shownToBB)
		})
	}
}

// caughtBy has an auditor that cosigned one history asked about the other, which it
// reads where it is shown.
func (l *liar) caughtBy(cc *client.Node, other *liar, shown string) {
	l.t.Helper()
	bb := l.onlooker(shown)
	first, err := ledger.ReadCheckpoint(l.checkpoint())
	if err != nil {
		l.t.Fatal(err)
	}
	auditor := bb.Cosigner(client.Auditor, l.verifier())
	if _, err := auditor.Cosign(l.t.Context(), ledger.CosignRequest{Note: l.checkpoint()}); err != nil {
		l.t.Fatalf("the first history that it reads: %v", err)
	}
	_, err = auditor.Cosign(l.t.Context(), ledger.CosignRequest{OldSize: 0, Note: other.checkpoint()})
	var caught *ledger.MisbehaviourError
	if !errors.As(err, &caught) {
		l.t.Fatalf("the second one, of %d leaves: %v", first.Size, err)
	}
	a, err := witness.ParseAlarm(caught.Alarm)
	if err == nil {
		_, err = a.Verify(l.verifier())
	}
	if err != nil {
		l.t.Errorf("its alarm: %v", err)
	}
}
