package verify

import (
	"runtime"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"
)

// session is one dossier under one trust list. Everything in it is computed
// once and shared by the items.
type session struct {
	d       *pack.Dossier
	list    *trust.List // nil: none
	trust   Trust
	opts    Options
	way     succession // from the reader's list to the one in use
	packed  time.Time  // P (rule P3); zero when there is none
	stamped bool       // P is a timestamp token's time
	said    time.Time  // the packer's claimed time
	to      string     // for whom the packer says that it is

	blobs    map[evidence.Hash][]byte // notes by digest
	policies map[evidence.Hash][]byte
	certs    map[evidence.Hash][]byte

	cosigners note.Verifiers // every witness and auditor of the list
	known     map[policyKey]policyCase
	notes     map[evidence.Hash]*checkpoint
	strays    []*Finding                     // about tokens over no note
	tokens    map[evidence.Hash][]*tokenCase // by the note they are over
	logs      map[evidence.Origin]*logCase
	anchored  map[evidence.Origin][]*Finding // by [session.openChannel]
	voiced    map[evidence.Origin]bool       // those of which an item's question 6 speaks
	counted   map[evidence.Origin][]counted  // by [session.checkpointsOf]
	events    []*eventCase                   // in the dossier's order
	items     map[evidence.ItemID][]*eventCase
	byLeaf    map[evidence.Hash]*eventCase
	closers   map[evidence.Seal]*eventCase    // which shown or erased event closes a seal
	erasures  map[evidence.Hash]*erasureCase  // by the erased leaf
	keys      map[evidence.ItemID]*keyCase    // by the enrolment's item
	contents  map[pack.Enclosed]*contentCase  // by where a copy is
	issuers   map[evidence.KeyID][]authorised // authorities' certificates by key
	packs     *rules.Library                  // by [session.rulePacks]
	files     map[evidence.ItemID]*filesCase  // by [requestCase.shown], for each request
}

// newSession computes everything about the dossier that does not depend on the
// item asked about.
func newSession(d *pack.Dossier, t Trust, o Options, packed time.Time) *session {
	s := baseSession(d, t, o, packed)
	var reading errgroup.Group // events say what they say, whatever their ledgers are worth
	reading.Go(func() error { s.events = readEvents(d.Events); return nil })
	s.openTokens()
	s.openLogs()
	s.openChannel()
	reading.Wait()
	s.openEvents()
	s.openErasures()
	s.openKeys()
	s.judgeActs()
	return s
}

// baseSession has what checkpoints are judged by, and nothing judged.
func baseSession(d *pack.Dossier, t Trust, o Options, packed time.Time) *session {
	s := &session{
		d: d, list: t.List, trust: t, opts: o, packed: packed, said: packed, tokens: map[evidence.Hash][]*tokenCase{},
		blobs: map[evidence.Hash][]byte{}, policies: map[evidence.Hash][]byte{}, certs: map[evidence.Hash][]byte{},
		notes: map[evidence.Hash]*checkpoint{}, logs: map[evidence.Origin]*logCase{},
		items: map[evidence.ItemID][]*eventCase{}, byLeaf: map[evidence.Hash]*eventCase{}, closers: map[evidence.Seal]*eventCase{},
		erasures: map[evidence.Hash]*erasureCase{}, keys: map[evidence.ItemID]*keyCase{}, contents: map[pack.Enclosed]*contentCase{},
		files: map[evidence.ItemID]*filesCase{},
	}
	s.known = map[policyKey]policyCase{}
	if s.list != nil {
		var err error
		if s.cosigners, err = s.list.CosignerVerifiers(); err != nil {
			panic("internal error: keys of an opened trust list: " + err.Error())
		}
	}
	for _, n := range d.Notes {
		s.blobs[pack.NoteDigest(n)] = n
	}
	for digest, b := range d.Policies {
		s.policies[digest] = b
	}
	for digest, b := range d.Certs {
		s.certs[digest] = b
	}
	for _, b := range t.Policies {
		s.policies[pack.NoteDigest(b)] = b
	}
	for _, b := range t.Certs {
		s.certs[pack.NoteDigest(b)] = b
	}
	return s
}

// says who it is that tells the packing time.
func (s *session) says() string {
	if s.stamped {
		return "as a timestamp token says"
	}
	return "as the packer says"
}

// asOf is the moment that completeness and open offers are judged for (rule P3).
func (s *session) asOf() time.Time {
	if !s.opts.AsOf.IsZero() {
		return s.opts.AsOf
	}
	return s.packed
}

// onAllCores calls f with 0 to n-1. A call may change only what belongs to its
// number, so that nothing depends on the order.
func onAllCores(n int, f func(int)) {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error { f(i); return nil })
	}
	g.Wait()
}
