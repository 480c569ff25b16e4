package desk

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/witness"
	"example.org/custody/verify"
)

// seals are the acts of one item at a desk, up to a package about it.
func story(t *testing.T, s *Session) *verify.Verdict {
	t.Helper()
	it := s.mustSeal(t, Sealing{Object: "phone", Fields: map[string]any{"case": "K", "exhibit": "E-1"}})
	if _, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "p.asice")
	if _, err := s.Pack(t.Context(), Packing{Items: []*Item{s.mustLoad(t, it.ID)}, Out: out}); err != nil {
		t.Fatal(err)
	}
	toured := &Toured{Package: out, Trust: s.TrustFile()}
	v, err := toured.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A desk whose ledger a node keeps comes to what one with its own does.
func TestNodeStory(t *testing.T) {
	embedded := story(t, deskWith(t, evidence.RoleCustodian))
	s := deskWith(t, evidence.RoleCustodian)
	n := atNode(t, s)
	got := story(t, s)
	for i, q := range got.Items[0].Questions {
		if want := embedded.Items[0].Questions[i]; q.Status != want.Status {
			t.Errorf("question %d: %s at a node, %s without", q.N, q.Status, want.Status)
		}
	}
	if got.Exit != embedded.Exit || len(n.asked) != 2 {
		t.Errorf("exit %d and %d, %d submissions", got.Exit, embedded.Exit, len(n.asked))
	}
}

// What is signed while the node cannot be reached waits in its order, can be acted on,
// and is logged with the same bytes when the node is back (rules P14, P20).
func TestNodeDown(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	n := atNode(t, s)
	n.set(func(n *fakeNode) { n.down = true })
	out, err := s.Seal(t.Context(), Sealing{Object: "phone", Fields: map[string]any{"exhibit": "E-1"}})
	if err != nil || !out.Waits || !errors.Is(out.Pending, ErrWaits) || out.Cite() != "" {
		t.Fatalf("%+v, %v", out, err)
	}
	it, err := s.Find(t.Context(), "E-1")
	if err != nil || it.Waits() != 1 {
		t.Fatalf("%+v, %v", it, err)
	}
	done, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine})
	if err != nil || !done.Waits {
		t.Fatalf("%+v, %v", done, err)
	}
	s = s.next(t, n)
	if it = s.mustLoad(t, out.Item); it.Waits() != 2 || s.Unreached() == nil {
		t.Errorf("%d wait, %v", it.Waits(), s.Unreached())
	}
	if list, err := s.List(t.Context(), Filter{Waiting: true}); err != nil || len(list) != 1 || list[0].Queued != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	n.set(func(n *fakeNode) { n.down = false })
	s = s.next(t, n)
	after := s.mustLoad(t, out.Item)
	if after.Waits() != 0 || len(s.Resumed) != 2 {
		t.Fatalf("%d wait, %+v", after.Waits(), s.Resumed)
	}
	for i, e := range after.Entries {
		if !bytes.Equal(e.Body.Envelope, it.Entries[i].Body.Envelope) || e.Body.Receipt == "" {
			t.Errorf("event %d is another one, or has no receipt", i)
		}
	}
	if queued, _ := s.Waiting(); queued != 0 {
		t.Errorf("%d still queued", queued)
	}
}

// next begins the next session at the same node.
func (s *Session) next(t *testing.T, n *fakeNode) *Session {
	t.Helper()
	alias, _ := s.Acting()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := Open(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	h.Node = n.URL
	next, err := h.Unlock(t.Context(), alias, testPassphrase)
	if err != nil {
		t.Fatal(errors.Join(err, h.Close()))
	}
	t.Cleanup(func() { next.Close() })
	return next
}

// Another act closed the seal while this one waited: it is kept, what follows it is
// refused with it, and other items go on (rule P14).
func TestNodeQueueRefused(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	n := atNode(t, s)
	it, other := s.mustSeal(t, Sealing{Object: "one"}), s.mustSeal(t, Sealing{Object: "two"})
	n.set(func(n *fakeNode) { n.down = true })
	for range 2 {
		if _, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: evidence.Examine}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Do(t.Context(), Act{Item: other, Action: evidence.Examine}); err != nil {
		t.Fatal(err)
	}
	n.rival(it.Last().Event, *it.Last().Body.NextKey)
	n.set(func(n *fakeNode) { n.down = false })
	s = s.next(t, n)
	if queued, refused := s.Waiting(); queued != 0 || refused != 2 {
		t.Errorf("%d queued, %d refused", queued, refused)
	}
	if one, two := s.mustLoad(t, it.ID), s.mustLoad(t, other.ID); len(one.Entries) != 1 || len(two.Entries) != 2 {
		t.Errorf("%d and %d events", len(one.Entries), len(two.Entries))
	}
	if acts, err := s.RefusedActs(it.ID); err != nil || len(acts) != 2 {
		t.Errorf("%+v, %v", acts, err)
	}
}

// A node that would not look at an act decides nothing: the act waits.
func TestNodeDenies(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	n := atNode(t, s)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable} {
		n.set(func(n *fakeNode) { n.deny = status })
		out, err := s.Seal(t.Context(), Sealing{Object: "phone"})
		if err != nil || !out.Waits {
			t.Errorf("%d: %+v, %v", status, out, err)
		}
		n.set(func(n *fakeNode) { n.deny = 0 })
		s = s.next(t, n)
		if s.mustLoad(t, out.Item).Waits() != 0 {
			t.Errorf("%d: it still waits", status)
		}
	}
}

// A refusal that the node does not prove, and that this desk's own rule does not give,
// decides nothing: the act waits with what follows it, other items go on, and all of it
// is logged with the same bytes when the node is right again.
func TestNodeRefusesWithoutProof(t *testing.T) {
	for _, code := range []string{"fault", "proof", "authority", "period", "enrolment", "custodian", "follows", "busy", "read-only", "made-up"} {
		t.Run(code, func(t *testing.T) {
			s := deskWith(t, evidence.RoleCustodian)
			n := atNode(t, s)
			it := s.mustSeal(t, Sealing{Object: "phone"})
			wrong := map[evidence.Hash]bool{}
			n.set(func(n *fakeNode) {
				n.answer = func(l ledger.Leaf) *wire.Problem {
					if seal, _ := l.Seal(); evidence.Hash(seal) == evidence.Hash(it.Last().Event.Opens.Next.Seal) {
						wrong[l.Hash()] = true
						return problemOf(code)
					}
					return nil
				}
			})
			done, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine})
			if err != nil || !done.Waits || len(wrong) != 1 {
				t.Fatalf("%+v, %v", done, err)
			}
			if other, err := s.Seal(t.Context(), Sealing{Object: "another"}); err != nil || other.Receipt == nil {
				t.Errorf("another item: %+v, %v", other, err)
			}
			s = s.next(t, n)
			if queued, refused := s.Waiting(); queued != 1 || refused != 0 || len(s.Resumed) != 1 {
				t.Errorf("%d queued, %d refused, %+v", queued, refused, s.Resumed)
			}
			n.set(func(n *fakeNode) { n.answer = nil })
			s = s.next(t, n)
			after := s.mustLoad(t, it.ID)
			if after.Waits() != 0 || len(after.Entries) != 2 || after.Last().Leaf != done.Entry.Leaf {
				t.Errorf("%d events, %d wait", len(after.Entries), after.Waits())
			}
		})
	}
}

// No lie of a node is believed, nothing is lost by it, and what it said is kept.
func TestNodeLies(t *testing.T) {
	for name, lie := range map[string]func(n *fakeNode){
		"a receipt for another leaf": func(n *fakeNode) {
			n.change = func(s *wire.Submitted) { *s.Results[0].Index++ }
		},
		"a receipt without proof": func(n *fakeNode) {
			n.change = func(s *wire.Submitted) {
				r, err := ledger.ParseReceipt([]byte(s.Results[0].Receipt))
				if err != nil {
					t.Fatal(err)
				}
				r.Proof[0][0] ^= 1
				s.Results[0].Receipt = string(r.Marshal())
			}
		},
		"a refusal that nothing shows": func(n *fakeNode) {
			n.change = func(s *wire.Submitted) {
				p := problemOf(wire.CodeSealClosed)
				zero := uint64(0)
				p.Index, p.Leaf = &zero, &evidence.Hash{1}
				s.Results[0] = wire.Result{Leaf: s.Results[0].Leaf, Status: wire.Refused, Problem: p}
			}
		},
		"of another leaf": func(n *fakeNode) {
			n.change = func(s *wire.Submitted) { s.Results[0].Leaf[0] ^= 1 }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := deskWith(t, evidence.RoleCustodian)
			n := atNode(t, s)
			first := s.mustSeal(t, Sealing{Object: "first"})
			n.set(lie)
			if _, err := s.Do(t.Context(), Act{Item: first, Action: evidence.Examine}); !errors.Is(err, ErrNodeLies) {
				t.Fatalf("%v", err)
			}
			if kept, err := filepath.Glob(s.path(seenFolder, "*.answer")); err != nil || len(kept) != 1 {
				t.Errorf("%v, %v", kept, err)
			}
			n.set(func(n *fakeNode) { n.change = nil })
			s = s.next(t, n)
			if it := s.mustLoad(t, first.ID); len(it.Entries) != 2 || it.Waits() != 0 {
				t.Errorf("%d events, %d wait", len(it.Entries), it.Waits())
			}
		})
	}
}

// A node that shows another history than before is caught, with an alarm that proves
// it to anybody.
func TestNodeShowsTwoHistories(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	n := atNode(t, s)
	first := s.mustSeal(t, Sealing{Object: "first"})
	n.set(func(n *fakeNode) {
		n.note = func(signed []byte) []byte {
			c, err := ledger.ReadCheckpoint(signed)
			if err != nil {
				t.Fatal(err)
			}
			c.Root[0] ^= 1
			forged, err := c.Sign(n.book.writer.Key)
			if err != nil {
				t.Fatal(err)
			}
			return forged
		}
	})
	out := filepath.Join(t.TempDir(), "p.asice")
	if _, err := s.Pack(t.Context(), Packing{Items: []*Item{first}, Out: out}); !errors.Is(err, ErrNodeLies) {
		t.Fatalf("%v", err)
	}
	kept, err := filepath.Glob(s.path(seenFolder, "*.alarm"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	if b, err := os.ReadFile(kept[0]); err != nil || !provesAlarm(t, s, b) {
		t.Errorf("the alarm proves nothing: %v", err)
	}
}

func provesAlarm(t *testing.T, s *Session, b []byte) bool {
	t.Helper()
	a, err := witness.ParseAlarm(b)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.logKeys(s.Config.Origin)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Verify(keys...)
	return err == nil
}

// What is too large for a node is refused before it is queued: the desk goes on.
func TestNodeTooLarge(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	atNode(t, s)
	fields := map[string]any{}
	for i := range 12 {
		fields[fmt.Sprintf("text-%d", i)] = strings.Repeat("x", 1000000)
	}
	if _, err := s.Seal(t.Context(), Sealing{Object: "phone", Fields: fields}); !errors.Is(err, ErrNodeTooLarge) {
		t.Fatalf("%v", err)
	}
	if queued, _ := s.Waiting(); queued != 0 {
		t.Errorf("%d queued", queued)
	}
	s.mustSeal(t, Sealing{Object: "phone"})
}

// What a node calls logged without a receipt is its word: nothing is erased on it, and
// nothing kept as logged. With the receipt the disposal is carried out (rule P7).
func TestNodePendingErasesNothing(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleApprover)
	n := atNode(t, s)
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(theSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	it := s.mustSeal(t, Sealing{Paths: []string{file}})
	n.set(func(n *fakeNode) {
		n.change = func(s *wire.Submitted) {
			index := uint64(5)
			s.Results[0] = wire.Result{Leaf: s.Results[0].Leaf, Status: wire.Pending, Index: &index}
		}
	})
	out, err := s.Dispose(t.Context(), Disposal{Item: it, Order: "O", Second: string(evidence.RoleApprover), Erase: Erase{All: true}})
	if err != nil || !out.Waits || out.Erased != nil {
		t.Fatalf("%+v, %v", out, err)
	}
	s = s.next(t, n)
	kept := s.mustLoad(t, it.ID)
	values, err := kept.FileValues()
	if err != nil || len(values) != 1 || kept.Waits() != 1 {
		t.Fatalf("%d files, %d wait, %v", len(values), kept.Waits(), err)
	}
	if _, err := s.keeper.digest(t.Context(), values[1], progress.None{}); err != nil {
		t.Errorf("the evidence is gone: %v", err)
	}
	n.set(func(n *fakeNode) { n.change = nil })
	s = s.next(t, n)
	if left := s.mustLoad(t, it.ID); left.Waits() != 0 || len(left.Erased) != 1 {
		t.Errorf("%d wait, %d erased", left.Waits(), len(left.Erased))
	}
}

// What waits may be in the ledger already, though no answer came. Without what the queue
// has of it nobody could go on with the item: so nothing takes an act out of the queue.
func TestWaitingIsNeeded(t *testing.T) {
	for _, dropped := range []bool{false, true} {
		s := deskWith(t, evidence.RoleCustodian)
		n := atNode(t, s)
		it := s.mustSeal(t, Sealing{Object: "phone"})
		n.set(func(n *fakeNode) { n.change = func(*wire.Submitted) { panic(http.ErrAbortHandler) } }) // logged, and the answer is lost
		done, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine})
		if err != nil || !done.Waits {
			t.Fatalf("%+v, %v", done, err)
		}
		n.set(func(n *fakeNode) { n.change = nil })
		if dropped {
			queued, err := s.queuedFiles()
			must(t, err)
			must(t, os.Remove(queued[0]))
		}
		s = s.next(t, n)
		_, err = s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: evidence.Examine})
		var closed *ledger.ClosedError
		if errors.As(err, &closed) != dropped || (err == nil) == dropped {
			t.Errorf("taken out by hand %v: %v", dropped, err)
		}
	}
}
