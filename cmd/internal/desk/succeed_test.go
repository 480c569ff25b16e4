package desk

import (
	"errors"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/writer"
)

var errStopped = errors.New("the process ends here")

// A succession is interrupted at every change of a file. The next command finds the ended
// ledger, or its successor, whole; the ended one takes no leaf, the successor does.
func TestSuccessionInterrupted(t *testing.T) {
	const next = evidence.Origin("custody.aa.example/ledger-2")
	for at := 1; ; at++ {
		s := deskWith(t, evidence.RoleCollector)
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
		s = reopen(t, s, evidence.RoleCollector)
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
