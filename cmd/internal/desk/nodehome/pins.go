package nodehome

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/signing/trust"
)

// pins is the trust list that is pinned at the moment: its files are read again when
// the list changed.
type pins struct {
	dir    string
	origin evidence.Origin

	mu      sync.Mutex
	list    *trustlist.Pinned
	intake  *intake.Pinned
	changed time.Time
	size    int64
}

// read returns the list, nil when none is pinned.
func (p *pins) read() (*trustlist.Pinned, *intake.Pinned, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(filepath.Join(p.dir, "list.note"))
	if err != nil {
		return nil, nil, intake.ErrNoTrust
	}
	if p.list != nil && info.ModTime().Equal(p.changed) && info.Size() == p.size {
		return p.list, p.intake, nil
	}
	t, err := trustlist.Read(p.dir)
	if err != nil {
		return nil, nil, err
	}
	pin, err := intake.NewPinned(t.Root())
	if err != nil {
		return nil, nil, err
	}
	p.list, p.intake, p.changed, p.size = t, pin, info.ModTime(), info.Size()
	return t, pin, nil
}

// get is what the intake asks.
func (p *pins) get() (*intake.Pinned, error) {
	_, pin, err := p.read()
	return pin, err
}

// enough reports whether a checkpoint meets the receipt policy. Without a list nothing
// does: a node takes no events then.
func (p *pins) enough(signed []byte) bool { return p.meets(p.origin, trust.Receipt)(signed) }

// meets reports whether a checkpoint of a ledger meets a policy of the list.
func (p *pins) meets(o evidence.Origin, kind trust.PolicyKind) func(signed []byte) bool {
	return func(signed []byte) bool {
		t, _, err := p.read()
		return err == nil && t.Meets(signed, o, kind)
	}
}

// liars is how many states the list takes for liars at most.
func (p *pins) liars() int {
	t, _, err := p.read()
	if err != nil {
		return 0
	}
	f, err := t.List.F(string(p.origin))
	if err != nil {
		return 0
	}
	return f
}

// Verifier implements [note.Verifiers]: the cosigners that the list names.
func (p *pins) Verifier(name string, hash uint32) (note.Verifier, error) {
	t, _, err := p.read()
	if err != nil {
		return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
	}
	all, err := t.List.CosignerVerifiers()
	if err != nil {
		return nil, err
	}
	return all.Verifier(name, hash)
}
