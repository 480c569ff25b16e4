package node

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	"example.org/custody/ledger/writer"
)

// moody is another state's witness, which can be away.
type moody struct {
	ledger.Cosigner
	away atomic.Bool
}

var errAway = errors.New("nobody is at home")

// Latest implements [ledger.Cosigner].
func (m *moody) Latest(ctx context.Context, o evidence.Origin) ([]byte, error) {
	if m.away.Load() {
		return nil, errAway
	}
	return m.Cosigner.Latest(ctx, o)
}

// Cosign implements [ledger.Cosigner].
func (m *moody) Cosign(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
	if m.away.Load() {
		return nil, errAway
	}
	return m.Cosigner.Cosign(ctx, r)
}

// witnessedBy has a writer give receipts with the cosignature of one witness alone.
func witnessedBy(k ledger.Cosigner, key note.Verifier) func(*writer.Config) {
	known := note.VerifierList(key)
	return func(c *writer.Config) {
		c.Enough = func(signed []byte) bool {
			found, err := ledger.Cosignatures(signed, known)
			return err == nil && len(found) == 1
		}
		c.Feeder = feeder.New(feeder.Config{
			Log: c.Log, Origin: c.Log.Origin(), Verifier: c.Verifier, Known: known, Enough: c.Enough,
			Peers: []feeder.Peer{{State: "BB", Cosigner: k}}, Retry: time.Second,
		})
	}
}

// newWitnessedOffice is an office in a bubble whose receipts need the witness of another
// state.
func newWitnessedOffice(t *testing.T) (*office, *moody) {
	t.Helper()
	signer, vkey := cosignerKey(t, "bb-witness")
	m := new(moody)
	with := witnessedBy(m, must[note.Verifier](t)(vkey.Verifier()))
	return openSilentOffice(t, func(c *writer.Config) {
		if m.Cosigner == nil {
			m.Cosigner = must[*witness.Witness](t)(witness.New(witness.Config{
				Signers: []note.Signer{signer}, State: new(witness.Memory), Logs: follow(c.Log.Origin(), c.Verifier),
			}))
		}
		with(c)
	}), m
}

// again ends the node and starts it on what the disk has by then.
func (s *office) again(stop func(), meanwhile func()) (next func()) {
	s.Helper()
	stop()
	s.shut()
	if err := s.book.Close(); err != nil {
		s.Fatal(err)
	}
	meanwhile()
	s.book = nil
	s.open()
	return s.pipe()
}

// A node whose disk was put back to an older state, while the witness that could tell is
// away for an hour: nothing that it logs then gets a receipt, and once the witness is
// back it logs nothing any more. With the right disk it goes on, and nothing that was
// acknowledged is lost.
func TestRolledBackInSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, bb := newWitnessedOffice(t)
		stop := s.pipe()
		ann := s.enrol(evidence.RoleCollector)
		old := s.book.Size()
		known := ann.Collect(thing("known")).Events[0]
		first := s.submit(ann, known)[0]
		if first.Status != wire.Logged {
			t.Fatalf("%+v", first)
		}
		whole := must[[]ledger.Leaf](t)(ledgertest.Verify(t.Context(), s.book.Log))

		bb.away.Store(true)
		stop = s.again(stop, func() { s.disk.Truncate(old) })
		fork := ann.Collect(thing("on the fork")).Events[0]
		if got := s.submit(ann, fork)[0]; got.Status != wire.Pending || got.Receipt != "" {
			t.Errorf("with the witness away: %+v", got)
		}
		time.Sleep(time.Hour)
		bb.away.Store(false)
		time.Sleep(2 * time.Minute) // the longest pause between two tries is a minute
		synctest.Wait()
		s.now = s.w.Now.Add(time.Hour)
		if p := s.refused(wire.CodeReadOnly, ask{method: "POST", path: "/v1/events", body: s.submission(fork), by: ann}); p.Status != http.StatusServiceUnavailable {
			t.Errorf("%+v", p)
		}
		if err := s.book.ReadOnly(); !errors.Is(err, writer.ErrBehind) {
			t.Errorf("%v", err)
		}
		if got := s.do(s.request(ask{path: "/readyz"})); got.status != http.StatusServiceUnavailable {
			t.Errorf("ready: %d", got.status)
		}
		if !strings.Contains(s.logs.String(), "read-only") {
			t.Error("nobody is told")
		}

		stop = s.again(stop, func() { s.disk.Truncate(old); s.disk.Force(whole[old:]...) })
		if got := s.submit(ann, known)[0]; got.Status != wire.Logged || !got.Retried || *got.Index != *first.Index {
			t.Errorf("what was acknowledged: %+v, first %+v", got, first)
		}
		if got := s.submit(ann, fork)[0]; got.Status != wire.Logged || got.Retried {
			t.Errorf("what was not: %+v", got)
		}
		stop()
	})
}

// A second node on one ledger does not begin for as long as the first is there. Should
// the first only seem to have ended, so that the second could begin, then nothing is
// acknowledged by both.
func TestTwoNodesInSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newWitnessedOffice(t)
		s.pipe()
		ann := s.enrol(evidence.RoleCollector)
		a, b := ann.Collect(thing("a")).Events[0], ann.Collect(thing("b")).Events[0]
		first := s.submit(ann, a)[0]
		for range 60 {
			time.Sleep(time.Minute)
			if _, err := s.disk.Open(); !errors.Is(err, ledger.ErrInUse) {
				t.Fatalf("a second node begins: %v", err)
			}
		}
		s.disk.Crash()
		second := &office{T: t, w: s.w, disk: s.disk, skey: s.skey, vkey: s.vkey, id: s.id, dir: t.TempDir(), url: s.url, edit: s.edit}
		if err := os.CopyFS(second.dir, os.DirFS(s.dir)); err != nil {
			t.Fatal(err)
		}
		second.open()
		second.pipe()
		got := s.ask(ask{method: http.MethodPost, path: "/v1/events", body: s.submission(b), by: ann})
		if got.status != http.StatusServiceUnavailable && got.status != http.StatusInternalServerError {
			t.Errorf("the first node: %d %s", got.status, got.body)
		}
		if again := second.submit(ann, a)[0]; again.Status != wire.Logged || !again.Retried || *again.Index != *first.Index {
			t.Errorf("what the first node acknowledged: %+v, first %+v", again, first)
		}
		if r := second.submit(ann, b)[0]; r.Status != wire.Logged || r.Retried {
			t.Errorf("what it did not: %+v", r)
		}
		must[[]ledger.Leaf](t)(ledgertest.Verify(t.Context(), second.book.Log))
	})
}
