package verify

import (
	"errors"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// succession is how far the lists in a dossier lead from the reader's own.
type succession struct {
	root   *trust.List // the reader's own; nil: none
	proven string      // where the hash of the list in use stands, when it is not root
	next   uint64      // the first newer version that is there and not used; 0: none
	why    string      // why it is not used
}

// succeed goes from the reader's list to the newest in the dossier that follows it
// by its signatures and whose hash a ledger holds, each step under the court policy
// of the list before (rule P12). What is returned is what is in use.
func succeed(d *pack.Dossier, t Trust, o Options) (Trust, succession) {
	way := succession{root: t.List}
	if t.List == nil {
		return t, way
	}
	for {
		version := uint64(t.List.Version) + 1
		signed, ok := d.Lists[version]
		if !ok {
			way.next = nextVersion(d, version)
			if way.next != 0 {
				way.why = fmt.Sprintf("version %d, which comes before it, is not in the package", version)
			}
			return t, way
		}
		next, err := trust.Open(signed, t.List)
		if err != nil {
			way.next, way.why = version, err.Error()
			return t, way
		}
		where, err := provenList(d, t, o, next)
		if err != nil {
			way.next, way.why = version, err.Error()
			return t, way
		}
		t.List, way.proven = next, where
	}
}

// nextVersion returns the lowest version in the dossier from one on, or 0.
func nextVersion(d *pack.Dossier, from uint64) uint64 {
	for _, v := range sortedKeys(d.Lists) {
		if v >= from {
			return v
		}
	}
	return 0
}

// provenList finds the ledger that holds the list's hash under the court policy of
// t's list.
func provenList(d *pack.Dossier, t Trust, o Options, next *trust.List) (where string, err error) {
	s := baseSession(d, t, o, time.Time{})
	err = errors.New("no ledger here proves it")
	leaf := ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(next.Digest())).Hash()
	for _, line := range d.Logs {
		for _, l := range line.Lists {
			if l.Version != uint64(next.Version) {
				continue
			}
			where = cite(line.Origin, l.Index)
			c := s.checkpoint(line.Note)
			switch court := c.policy[trust.Court]; {
			case c.cp.Origin != line.Origin:
				err = fmt.Errorf("the checkpoint given for the ledger %s is of %s", line.Origin, c.cp.Origin)
			case court.Status != Holds:
				err = fmt.Errorf("under version %d, %s of %s does not hold: %s", t.List.Version, court.Check, court.Subject, court.Detail)
			case c.cp.VerifyInclusion(l.Proof, l.Index, leaf) != nil:
				err = fmt.Errorf("its hash is not what stands at %s", where)
			default:
				return where, nil
			}
		}
	}
	return "", err
}

// lists says which list is in use and why no newer one is.
func (s *session) lists() *Finding {
	if s.list == nil {
		return conclude(checkList, containerSubject, undecided("there is no trust list of the reader's own"))
	}
	for _, mine := range []*trust.List{s.way.root, s.list} {
		if f := s.otherList(mine); f != nil {
			return f
		}
	}
	if v := s.way.next; v != 0 {
		return conclude(checkList, pack.ListName(v), notApplicable("the package has a newer list, which is not used: %s", s.way.why))
	}
	digest := evidence.Hash(s.list.Digest())
	if s.list != s.way.root {
		return conclude(checkList, containerSubject, holds("version %d, %s, is in use: it follows version %d of the reader's own, and its hash stands at %s",
			s.list.Version, digest, s.way.root.Version, s.way.proven))
	}
	return conclude(checkList, containerSubject, holds("version %d, %s, is in use", s.list.Version, digest))
}

// otherList finds in the package another list of a version that is trusted.
func (s *session) otherList(mine *trust.List) *Finding {
	version := uint64(mine.Version)
	other, ok := s.d.Lists[version]
	if !ok || trust.DigestOf(other) == mine.Digest() {
		return nil
	}
	l, err := trust.Open(other, nil)
	switch {
	case err != nil:
		return conclude(checkList, pack.ListName(version), undecided("the list in the package of the version in use is none: %v", err))
	case trust.Conflict(l, mine):
		return conclude(checkList, pack.ListName(version), undecided("the package has another trust list of version %d, %s; in use is %s: neither decides", version, pack.NoteDigest(other), evidence.Hash(mine.Digest())))
	}
	return nil
}
