package main

import (
	"errors"
	"slices"
	"strings"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/crossanchor"
)

// addresses are where the operator says that other states' ledgers are read. A ledger
// that follows one of them is read at the same address, and the one that ended where that
// node serves it from then on (spec/node.md).
type addresses struct {
	named map[evidence.Origin]place
	home  *desk.Served
}

// place is an address and the node there.
type place struct {
	url  string
	node *client.Node
}

func parseLedgers(flags []string) (*addresses, error) {
	a := &addresses{named: map[evidence.Origin]place{}}
	for _, f := range flags {
		name, address, _ := strings.Cut(f, "=")
		o, errO := evidence.ParseOrigin(name)
		n, errA := client.New(address, nil)
		if err := errors.Join(errO, errA); err != nil {
			return nil, ui.Usage("--ledger bb.example/ledger=https://node.bb.example", "--ledger %s: %v", f, err)
		}
		if _, twice := a.named[o]; twice {
			return nil, ui.Usage("name each ledger once", "--ledger names %s twice", o)
		}
		a.named[o] = place{strings.TrimRight(address, "/"), n}
	}
	return a, nil
}

func (a *addresses) close() {
	for _, p := range a.named {
		_ = p.node.Close() // of connections that are not in use
	}
}

// at returns where a ledger is read now; nil when nobody has said so.
func (a *addresses) at(o evidence.Origin) *client.Log {
	own, named := a.named[o]
	next := a.home.Successor(o)
	if there, ok := a.named[next]; named && (next == o || ok && there.url != own.url) {
		return own.node.Log() // it goes on, or what follows it has a node of its own
	}
	for before := o; ; {
		if p, ok := a.named[before]; ok {
			if next == o {
				return p.node.Log()
			}
			return p.node.Ended(o).Log()
		}
		earlier := a.home.Predecessor(before)
		if earlier == "" {
			return nil
		}
		before = earlier
	}
}

// sources are the ledgers whose checkpoints are recorded: those that are named, and
// those that follow them.
func (a *addresses) sources() (all []crossanchor.Source) {
	followed, _ := a.home.Followed() // a list that cannot be read is said elsewhere
	for o := range a.named {
		if !slices.Contains(followed, o) {
			followed = append(followed, o)
		}
	}
	for _, o := range followed {
		if at := a.at(o); at != nil {
			all = append(all, crossanchor.Source{Origin: o, Checkpoint: at.Checkpoint})
		}
	}
	return all
}
