package desk

import (
	"errors"
	"os"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/writer"
)

var errStopped = errors.New("the process ends here")

// A succession is interrupted at every change of a file. The next command finds the ended
// ledger, or its successor, whole; the ended one takes no leaf, the successor does. So it
// is with the node of a home, at whose start it is finished too.
func TestSuccessionInterrupted(t *testing.T) {
	t.Run("desk", func(t *testing.T) { succeedInterrupted(t, false) })
	t.Run("node", func(t *testing.T) { succeedInterrupted(t, true) })
}

func succeedInterrupted(t *testing.T, node bool) {
	const next = evidence.Origin("custody.aa.example/ledger-2")
	for at := 1; ; at++ {
		s := deskWith(t, evidence.RoleCollector)
		if node {
			must(t, s.MakeNode())
		}
		if _, err := s.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		ended, n := s.Config.Origin, 0
		files = durable.Files{Fault: func(durable.Op, string) (bool, error) {
			if n++; n >= at {
				return false, errStopped
			}
			return true, nil
		}}
		_, err := s.Succeed(t.Context(), next)
		files = durable.Files{}
		must(t, s.Close())
		if node && at%2 == 0 {
			startsNode(t, s.Dir)
		}
		s = unlocked(t, s.Dir, evidence.RoleCollector)
		if node {
			s.nodeKeeps(t, s.Config.Origin)
		}
		switch s.Config.Origin {
		case ended:
			if err == nil {
				t.Fatalf("step %d: it said that it succeeded", at)
			}
			if _, err := s.Seal(t.Context(), Sealing{Object: "phone"}); !errors.Is(err, writer.ErrFrozen) {
				t.Errorf("step %d: the ended ledger: %v", at, err)
			}
		case next:
			done, err := s.Seal(t.Context(), Sealing{Object: "phone"})
			if err != nil || done.Origin != next || !s.hasEnded(ended) {
				t.Errorf("step %d: the successor: %+v, %v", at, done, err)
			}
			if _, err := s.endedProver(t.Context(), ended); err != nil {
				t.Errorf("step %d: the ended ledger proves nothing: %v", at, err)
			}
		default:
			t.Fatalf("step %d: the ledger is %s", at, s.Config.Origin)
		}
		if err == nil {
			if at < 10 {
				t.Errorf("only %d steps", at)
			}
			return
		}
	}
}

// startsNode lets a home's node begin, and end.
func startsNode(t *testing.T, dir string) {
	t.Helper()
	served, err := OpenServed(dir)
	if err != nil {
		t.Fatal(err)
	}
	must(t, served.Close())
}

// nodeKeeps looks whether the home's node has the key of that ledger, and no other's.
func (s *Session) nodeKeeps(t *testing.T, o evidence.Origin) {
	t.Helper()
	about, errA := os.ReadFile(s.path("node", "node.json"))
	key, errK := os.ReadFile(s.path("node", "ledger.key"))
	must(t, errors.Join(errA, errK))
	if !strings.Contains(string(about), `"origin":"`+string(o)+`"`) || !strings.HasPrefix(string(key), "PRIVATE+KEY+"+string(o)+"+") {
		t.Errorf("the home's ledger is %s, the node's %s with the key of %.60s", o, about, key)
	}
}

// A node that runs has the ledger, and it is not changed under it.
func TestSucceedServed(t *testing.T) {
	s := deskWith(t, evidence.RoleCollector)
	must(t, s.MakeNode())
	if _, err := s.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	served, err := OpenServed(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	if _, err := s.Succeed(t.Context(), "custody.aa.example/ledger-2"); !errors.Is(err, ErrNodeRuns) {
		t.Errorf("under a running node: %v", err)
	}
	if s.endsBefore() || s.succeeds() {
		t.Error("something was made")
	}
}

func TestSucceedRefuses(t *testing.T) {
	s := deskWith(t, evidence.RoleCollector)
	if _, err := s.Succeed(t.Context(), "custody.aa.example/ledger-2"); !errors.Is(err, ErrGoesOn) {
		t.Errorf("one that goes on: %v", err)
	}
	if _, err := s.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Succeed(t.Context(), s.Config.Origin); !errors.Is(err, ErrSameName) {
		t.Errorf("its own name: %v", err)
	}
	if _, err := s.Succeed(t.Context(), "a+b"); !errors.Is(err, evidence.ErrNotOrigin) {
		t.Errorf("no name: %v", err)
	}
}
