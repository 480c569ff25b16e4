package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/audit"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/verify"
)

// process is a land's node as a process of its own, which can be killed.
type process struct {
	*land
	binary string
	gave   chan struct{} // gets something at every receipt
	mu     sync.Mutex
	cmd    *exec.Cmd
	log    *said
}

// start starts the node on the port that the land holds, and waits until it takes
// events: not before the others serve their cosigners.
func (p *process) start() {
	p.t.Helper()
	args := []string{"serve", "--home", p.dir, "--listen", "fd:3"}
	for _, o := range p.others {
		args = append(args, "--ledger", string(o.origin)+"="+o.url)
	}
	out := newSaid()
	cmd := exec.Command(p.binary, args...)
	cmd.ExtraFiles, cmd.Stderr = []*os.File{p.socket}, out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.cmd, p.log = cmd, out
	p.mu.Unlock()
}

// kill ends the node without a word, as kill -9 does.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// goesOn waits until an officer is given another receipt.
func (p *process) goesOn() {
	p.t.Helper()
	p.log.wait(p.t, "taking events")
	select {
	case <-p.gave: // it may be an older one
	default:
	}
	select {
	case <-p.gave:
	case <-p.t.Context().Done():
		p.t.Fatalf("%s gave no receipt any more\n%s", p.code, &p.log.b)
	}
}

// given is a receipt that a desk was given, and what it is of.
type given struct {
	ledger.Receipt
	leaf evidence.Hash
}

// officer seals things, one after the other, until it is told to stop, and keeps every
// receipt that it was given.
func (p *process) officer(ctx context.Context, name string) (all []given, err error) {
	s := p.unlock()
	defer func() { err = errors.Join(err, s.Close()) }()
	for n := 0; ctx.Err() == nil; n++ {
		done, err := s.Seal(p.t.Context(), desk.Sealing{Object: "phone", Fields: map[string]any{"exhibit": fmt.Sprintf("%s-%d", name, n)}})
		switch {
		case err != nil:
			return all, err
		case done.Receipt != nil:
			all = append(all, given{*done.Receipt, done.Entry.Leaf})
			select {
			case p.gave <- struct{}{}:
			default:
			}
		case done.Pending == nil:
			return all, fmt.Errorf("neither a receipt nor a reason: %+v", done)
		case done.Waits: // in this session whatever is signed later waits behind it
			if err := s.Close(); err != nil {
				return all, err
			}
			s = p.unlock()
		}
	}
	return all, nil
}

// Three nodes are three processes. Any of them is killed at any moment while officers of
// every state log at theirs, and started again. Then every ledger is whole by a replay of
// all leaves, every receipt that was ever given is of it, and every act that waited is
// logged.
func TestKilled(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "custodyd")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var all []*process
	for _, l := range found(t, "AA", "BB", "CC") {
		l.end()
		all = append(all, &process{land: l, binary: binary, gave: make(chan struct{}, 1)})
	}
	for _, p := range all {
		p.start()
		t.Cleanup(p.kill)
	}
	for _, p := range all {
		p.log.wait(t, "taking events")
	}
	ctx, stop := context.WithCancel(t.Context())
	receipts, errs := make([][]given, len(all)), make([]error, len(all))
	var officers sync.WaitGroup
	for i, p := range all {
		officers.Go(func() { receipts[i], errs[i] = p.officer(ctx, p.code) })
	}
	for round := range 12 {
		victim := all[rand.IntN(len(all))]
		<-time.After(time.Duration(rand.IntN(400)) * time.Millisecond) // the moment is by chance
		victim.kill()
		victim.start()
		if round%4 != 3 {
			continue // the next one may come while this one starts
		}
		for _, p := range all {
			p.goesOn()
		}
	}
	stop()
	officers.Wait()
	for i, p := range all {
		if errs[i] != nil {
			t.Fatalf("%s: %v\n%s", p.code, errs[i], &p.log.b)
		}
		p.whole(receipts[i])
	}
}

// whole checks a ledger over HTTP and against every receipt that was given of it.
func (p *process) whole(receipts []given) {
	p.t.Helper()
	s := p.unlock() // which logs what waits
	if err := s.Unreached(); err != nil {
		p.t.Errorf("%s: acts still wait: %v\n%s", p.code, err, &p.log.b)
	}
	notes := p.notes(receipts)
	if err := s.Close(); err != nil {
		p.t.Error(err)
	}
	list, err := audit.RootOfHome(p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	got, err := audit.Ledger(p.t.Context(), audit.Task{Dir: p.url, Root: list, Notes: notes})
	if err != nil || got.Status != verify.Holds || got.Alarm != nil {
		p.t.Fatalf("%s: %+v, %v", p.code, got, err)
	}
	if len(receipts) == 0 {
		p.t.Errorf("%s was given no receipt", p.code)
	}
	p.hold(receipts, got.Size)
	if got, err := audit.Ledger(p.t.Context(), audit.Task{Dir: p.dir, Root: list}); err != nil || got.Status != verify.Holds {
		p.t.Errorf("%s, in its folder: %+v, %v", p.code, got, err)
	}
	p.t.Logf("%s: %d leaves, %d receipts", p.code, got.Size, len(receipts))
}

// notes writes the checkpoints of receipts into files, each once.
func (p *process) notes(receipts []given) (files []string) {
	p.t.Helper()
	seen := map[string]bool{}
	for i, r := range receipts {
		if seen[string(r.Note)] {
			continue
		}
		seen[string(r.Note)] = true
		files = append(files, filepath.Join(p.t.TempDir(), fmt.Sprint(i)))
		if err := os.WriteFile(files[len(files)-1], r.Note, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return files
}

// hold checks receipts by the ledger's key, and that the ledger has their leaves where
// they say.
func (p *process) hold(receipts []given, size uint64) {
	p.t.Helper()
	t, err := trustlist.Read(filepath.Join(p.dir, "trust"))
	if err != nil {
		p.t.Fatal(err)
	}
	key, _, err := t.List.LogKey(string(p.origin), size)
	if err != nil {
		p.t.Fatal(err)
	}
	v, errV := key.Key.Verifier()
	n, errN := client.New(p.url, nil)
	if err := errors.Join(errV, errN); err != nil {
		p.t.Fatal(err)
	}
	defer n.Close()
	var leaves []ledger.Leaf
	others := map[ledger.Leaf]bool{}
	for l, err := range n.Log().At(size).Leaves(p.t.Context(), 0, size) {
		if err != nil {
			p.t.Fatal(err)
		}
		if leaves = append(leaves, l); l.Type() != ledger.TypeCheckpoint {
			continue
		}
		if others[l] {
			p.t.Errorf("%s: a checkpoint of another ledger is recorded twice", p.code)
		}
		others[l] = true
	}
	if len(others) == 0 {
		p.t.Errorf("%s: no checkpoint of another ledger is recorded", p.code)
	}
	for _, r := range receipts {
		if r.Index >= size || leaves[r.Index].Hash() != r.leaf {
			p.t.Fatalf("%s: the ledger has another leaf at %d than a receipt says", p.code, r.Index)
		}
		if _, err := r.Verify(leaves[r.Index], v); err != nil {
			p.t.Errorf("%s: a receipt for %d: %v", p.code, r.Index, err)
		}
	}
}

// A node whose disk was put back to an older state asks the other states' nodes, finds
// that they have seen more, and logs nothing (rule P21).
func TestRolledBack(t *testing.T) {
	all := found(t, "AA", "BB")
	aa := all[0]
	s := aa.unlock()
	seal := func(name string) (desk.Done, error) {
		done, err := s.Seal(t.Context(), desk.Sealing{Object: "phone", Fields: map[string]any{"exhibit": name}})
		if err != nil {
			return desk.Done{}, err
		}
		return done.Done, nil
	}
	if done, err := seal("E-1"); err != nil || done.Receipt == nil {
		t.Fatalf("%+v, %v", done, err)
	}
	aa.end()
	kept := filepath.Join(t.TempDir(), "ledger")
	if err := os.CopyFS(kept, os.DirFS(filepath.Join(aa.dir, "ledger"))); err != nil {
		t.Fatal(err)
	}
	aa.serve()
	if done, err := seal("E-2"); err != nil || done.Receipt == nil {
		t.Fatalf("%+v, %v", done, err)
	}
	aa.end()
	if err := errors.Join(os.RemoveAll(filepath.Join(aa.dir, "ledger")), os.CopyFS(filepath.Join(aa.dir, "ledger"), os.DirFS(kept))); err != nil {
		t.Fatal(err)
	}
	aa.serve()
	aa.out.wait(t, "the ledger is read-only")
	if done, err := seal("E-3"); err == nil && (done.Receipt != nil || !done.Waits) {
		t.Errorf("it logs on: %+v", done)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, l := range all {
		l.end()
	}
}
