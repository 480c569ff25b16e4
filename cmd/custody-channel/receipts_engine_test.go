//go:build engines && linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/ledger/channel"
	"example.org/custody/ledger/channel/channeltest"
)

// enough is how many receipts a fault of the channel must see.
const enough = 20

// While peers, an orderer, both, or custody-channel itself are frozen nothing is anchored,
// and every receipt is given and holds: one after the other, many in the time that a round
// of custody-channel takes until it gives up, so that none can have waited for one. The
// operator is told what stands still. When it goes on the anchor comes by itself.
func TestEngineReceiptsDoNotWait(t *testing.T) {
	s := newStory(t)
	s.begin()
	r := s.receipts("AA")
	r.seal()
	s.anchored(s.size())
	peers := s.peers(channeltest.States...)
	orderer := standstill{s.net.Ordering[0].Freeze, s.net.Ordering[0].Thaw}
	for _, c := range []struct {
		name string
		standstill
		says string // what the operator is told; empty: nothing, for who says it stands still
	}{
		{"the peers", peers, "states must answer alike"},
		{"the orderer", orderer, channel.ErrUnordered.Error()},
		{"peers and orderer", peers.and(orderer), "states must answer alike"},
		{"custody-channel", s.stopped("custody-channel of AA"), ""},
	} {
		r.goOn(c.name, c.standstill, c.says)
	}
}

// standstill is of processes that keep their connections and answer nothing.
type standstill struct{ begin, end func() }

func (a standstill) and(b standstill) standstill {
	return standstill{func() { a.begin(); b.begin() }, func() { a.end(); b.end() }}
}

// peers is a standstill of these states' peers.
func (s *story) peers(states ...string) standstill {
	all := standstill{func() {}, func() {}}
	for _, state := range states {
		all = all.and(standstill{s.net.Peers[state].Freeze, s.net.Peers[state].Thaw})
	}
	return all
}

// stopped is a standstill of one of our programs.
func (s *story) stopped(name string) standstill {
	send := func(what syscall.Signal) func() {
		return func() {
			if err := s.running[name].Process.Signal(what); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	return standstill{send(syscall.SIGSTOP), send(syscall.SIGCONT)}
}

// receipts is an officer at a state's node, and what the node has given.
type receipts struct {
	*story
	state   string
	session *desk.Session
	given   []given
}

// receipts opens the desk of a state, in this process.
func (s *story) receipts(state string) *receipts {
	s.t.Helper()
	h, err := desk.Open(filepath.Join(s.dir, state))
	if err != nil {
		s.t.Fatal(err)
	}
	h.Node = s.urls[state]
	session, err := h.Unlock(s.t.Context(), "ann", passphrase)
	if err != nil {
		s.t.Fatal(errors.Join(err, h.Close()))
	}
	s.t.Cleanup(func() {
		if err := session.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return &receipts{story: s, state: state, session: session}
}

// seal seals a thing, and wants the receipt at once.
func (r *receipts) seal() {
	r.t.Helper()
	exhibit := fmt.Sprint("R-", len(r.given))
	done, err := r.session.Seal(r.t.Context(), desk.Sealing{Object: "phone", Fields: map[string]any{"exhibit": exhibit}})
	if err != nil || done.Receipt == nil {
		r.t.Fatalf("no receipt: %+v, %v", done, err)
	}
	r.given = append(r.given, given{*done.Receipt, done.Entry.Leaf, exhibit})
}

// goOn wants receipts through a standstill, and the anchor after it.
func (r *receipts) goOn(name string, of standstill, says string) {
	r.t.Helper()
	of.begin()
	ended := sync.OnceFunc(of.end)
	defer ended() // what is frozen could not be stopped
	from := len(r.notAnchored())
	r.seal() // what there is to anchor
	if says != "" {
		r.until("the operator to be told of "+name, func() error { return r.heard(from, says) })
	}
	rounds, proofs, begun := len(r.notAnchored()), len(r.proofs()), time.Now()
	for range enough {
		r.seal()
	}
	took := time.Since(begun)
	r.whole(r.state, r.given)
	rounds, proofs = len(r.notAnchored())-rounds, len(r.proofs())-proofs
	if rounds > enough/2 {
		r.t.Errorf("%s: %d rounds ended while %d receipts were given, which may have waited for them", name, rounds, enough)
	}
	if proofs != 0 {
		r.t.Errorf("%s: %d anchors while nothing could be anchored", name, proofs)
	}
	size, begun := r.size(), time.Now()
	ended()
	r.anchored(size)
	r.t.Logf("%s: %d receipts in %.1f s, in which %d rounds ended; anchored %.1f s after", name, enough, took.Seconds(), rounds, time.Since(begun).Seconds())
}

// proofs are the files with anchor proofs of AA's ledger.
func (s *story) proofs() []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "proofs-AA", "*.anchor"))
	if err != nil {
		s.t.Fatal(err)
	}
	return files
}

// heard is nil when what the operator was told of rounds, those before from left out, says
// something.
func (s *story) heard(from int, says string) error {
	lines := s.notAnchored()[from:]
	for _, l := range lines {
		if strings.Contains(l, says) {
			return nil
		}
	}
	return fmt.Errorf("%d lines, none with %q: %q", len(lines), says, lines)
}

// notAnchored returns what custody-channel has said in its log of rounds in which AA's
// ledger was not anchored, one error for each.
func (s *story) notAnchored() (all []string) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "custody-channel-*.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			s.t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			var said struct{ Msg, Origin, Error string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "not anchored" && said.Origin == string(origin) {
				all = append(all, said.Error)
			}
		}
	}
	return all
}
