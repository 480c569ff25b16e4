package verify

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// SenderVerdict is record/verdict.json: what the sender's program found, under
// the list it names, without the reader's choices (spec/verdict.md).
type SenderVerdict struct {
	Format string        `json:"format"` // SenderFormat
	Items  []ItemVerdict `json:"items"`  // in the order of items.jsonl
	Packed time.Time     `json:"packed"` // UTC, whole milliseconds
	Trust  SenderTrust   `json:"trust"`
}

// SenderTrust names the trust list of a sender.
type SenderTrust struct {
	SHA256  evidence.Hash `json:"sha256"` // of the whole note
	Version uint64        `json:"version"`
}

// Sender returns the verdict for a package that is being made: the
// dossier, the digests found while its copies were written, the packing time, for
// whom the package is, and the list that the sender names, which the dossier should carry.
func Sender(d *pack.Dossier, found pack.Contents, packed time.Time, to string, t Trust) (*SenderVerdict, error) {
	if t.List == nil {
		return nil, fmt.Errorf("the sender's verdict names a trust list")
	}
	s := newSession(d, t, Options{}, packed)
	s.to = to
	s.stated(found, evidence.WithSHA256)
	return &SenderVerdict{Format: SenderFormat, Items: s.verdicts(), Packed: packed, Trust: naming(t.List)}, nil
}

// naming is how a sender names a list.
func naming(l *trust.List) SenderTrust {
	return SenderTrust{SHA256: evidence.Hash(l.Digest()), Version: uint64(l.Version)}
}

// sender recomputes the sender's verdict under the list it names and compares
// the status of every finding (rule P16). mine are the reader's own answers.
//
// Most verdicts are, byte for byte, what is computed again: then they need not be taken
// apart, which of many files takes much memory.
func (s *session) sender(p *pack.Package, mine []ItemVerdict) *Finding {
	named := namedIn(p.Verdict)
	again, why := s.asSender(named, mine)
	said := &SenderVerdict{Format: SenderFormat, Items: again, Packed: p.Statement.Packed, Trust: named}
	var left leftOut
	if why == "" && said.is(p.Verdict, left.asSenderSays) {
		return conclude(checkSender, pack.VerdictName, left.same())
	}
	if r := countable(p, mine); r != nil {
		return conclude(checkSender, pack.VerdictName, *r)
	}
	var theirs SenderVerdict
	if err := evidence.ParseCanonical(p.Verdict, &theirs); err != nil {
		return conclude(checkSender, pack.VerdictName, undecided("it is not in its one encoding: %v", err))
	}
	if theirs.Format != SenderFormat {
		return conclude(checkSender, pack.VerdictName, undecided("its format is %.40q", theirs.Format))
	}
	if !theirs.Packed.Equal(p.Statement.Packed) {
		return conclude(checkSender, pack.VerdictName, fails(Proof{"verdict": stamp(theirs.Packed), "statement": stamp(p.Statement.Packed)}, "it is of another time than the package"))
	}
	if why != "" {
		return conclude(checkSender, pack.VerdictName, undecided("%s", why))
	}
	d, left := s.differ(again, theirs.Items)
	if d == nil {
		d = s.answers(again, theirs.Items)
	}
	if d != nil {
		return conclude(checkSender, pack.VerdictName, *d)
	}
	return conclude(checkSender, pack.VerdictName, left.same())
}

// namedIn returns the list that a sender's verdict names. Whether b is in its one
// encoding, and so names no other beside it, is not asked here.
func namedIn(b []byte) SenderTrust {
	var v struct {
		Trust SenderTrust `json:"trust"`
	}
	if json.Unmarshal(b, &v) != nil {
		return SenderTrust{} // which no list is
	}
	return v.Trust
}

// asSenderSays puts a finding about a plain digest as the sender does, who takes SHA-256
// and no other (see [Sender]), when all that differs is that the reader took less or more.
func asSenderSays(f Finding) Finding {
	if f.Check != checkSHA256 && f.Check != checkSHA512 {
		return f
	}
	name, rest, _ := strings.Cut(f.Detail, " ")
	digest, _, _ := strings.Cut(rest, " ")
	digest = strings.TrimSuffix(digest, ",")
	stated, same := fmt.Sprintf(statedDigest, name, digest), fmt.Sprintf(sameDigest, name, digest)
	switch {
	case f.Check == checkSHA256 && f.Status == Undecided && f.Detail == stated:
		f.Status, f.Detail = Holds, same
	case f.Check == checkSHA512 && f.Status == Holds && f.Detail == same:
		f.Status, f.Detail = Undecided, stated
	}
	return f
}

// asSender answers the questions again as the sender would have, or says why
// that is not possible. They are the reader's own answers, if the sender would answer as
// the reader does.
func (s *session) asSender(t SenderTrust, mine []ItemVerdict) ([]ItemVerdict, string) {
	if s.list != nil && naming(s.list) == t && s.opts.AsOf.IsZero() && s.packed.Equal(s.said) {
		return withoutCourt(mine), ""
	}
	signed, ok := s.d.Lists[t.Version]
	if !ok || pack.NoteDigest(signed) != t.SHA256 {
		return nil, "the trust list that the sender names is not in the package"
	}
	list, err := trust.Open(signed, nil)
	if err != nil {
		return nil, fmt.Sprintf("the trust list that the sender names is none: %v", err)
	}
	o := s.opts
	o.AsOf, o.Court = time.Time{}, nil
	again := newSession(s.d, Trust{List: list}, o, s.said)
	again.contents, again.to = s.contents, s.to
	return again.verdicts(), ""
}

// withoutCourt leaves out what a pack of the reader's own says.
func withoutCourt(items []ItemVerdict) []ItemVerdict {
	items = slices.Clone(items)
	for i := range items {
		items[i].Court = nil
	}
	return items
}

// findingKey names a finding across two verdicts.
type findingKey struct {
	item    evidence.ItemID
	n       int
	check   string
	subject string
	nth     int // of the same check and subject: two signers of one event
}

// keyed yields the status of every finding of a verdict, in order, with what names it.
func keyed(items []ItemVerdict) iter.Seq2[findingKey, Status] {
	return func(yield func(findingKey, Status) bool) {
		before := map[findingKey]int{} // how many there were of one check and subject
		for _, i := range items {
			for _, q := range i.Questions {
				for _, f := range q.Findings {
					k := findingKey{i.Item, q.N, f.Check, f.Subject, 0}
					nth := before[k]
					before[k]++
					if k.nth = nth; !yield(k, f.Status) {
						return
					}
				}
			}
		}
	}
}

func statuses(items []ItemVerdict) map[findingKey]Status { return maps.Collect(keyed(items)) }

// differ returns the first difference between two verdicts, or nil and what it left
// out. Digests that the reader chose not to recompute, or to recompute beyond what the
// sender did, are no difference, nor is what holds and the sender did not name.
func (s *session) differ(mine, theirs []ItemVerdict) (_ *result, left leftOut) {
	a, b := statuses(mine), statuses(theirs)
	laws := lawsOf(mine, theirs)
	anchors, uncounted := map[evidence.ItemID]int{}, s.uncounted() // that the sender alone counts
	for k, said := range keyed(theirs) {
		if k.check == checkAnchor && a[k] == "" && said == Holds {
			if anchors[k.item]++; anchors[k.item] <= uncounted {
				left.others = true
				continue
			}
		}
		if x := s.compareStatus(k, a[k], said); x != nil && !laws.excuses(k, a[k], said) {
			return x, left
		}
		left.note(k, a[k], said)
	}
	for k, own := range keyed(mine) {
		if _, said := b[k]; said || own == NotApplicable {
			continue
		}
		if x := s.compareStatus(k, own, missing); x != nil && own != Holds && !laws.excuses(k, own, missing) {
			return x, left
		}
		left.note(k, own, missing)
	}
	return nil, left
}

// answers compares what is no finding: the order of the items, each question's
// status, who held the item when. Words may be another version's.
func (s *session) answers(mine, theirs []ItemVerdict) *result {
	if len(mine) != len(theirs) {
		return differs("the number of items", fmt.Sprint(len(theirs)), fmt.Sprint(len(mine)))
	}
	for i, item := range theirs {
		if item.Item != mine[i].Item || len(item.Questions) != len(mine[i].Questions) {
			return differs(fmt.Sprintf("item %s", item.Item), fmt.Sprint(len(item.Questions)), fmt.Sprint(len(mine[i].Questions)))
		}
		for n, q := range item.Questions {
			own := mine[i].Questions[n]
			if q.N != own.N || q.Status != own.Status && (q.N != 1 || q.Status != Holds) && !asFound(q) && !(q.N == 7 && otherPacks(q.Status, own.Status)) {
				return differs(fmt.Sprintf("question %d about item %s", own.N, item.Item), string(q.Status), string(own.Status))
			}
		}
		a, b := encoded(mine[i].Timeline), encoded(item.Timeline)
		if a != b {
			return differs(fmt.Sprintf("the timeline of item %s", item.Item), b, a)
		}
	}
	return nil
}

func encoded(t []Span) string {
	b, err := evidence.Canonical(t)
	if err != nil {
		panic("internal error: timeline: " + err.Error())
	}
	return string(b)
}

func (s *session) compareStatus(k findingKey, mine, theirs Status) *result {
	if mine == "" {
		mine = missing
	}
	if mine == theirs || k.check == checkSHA512 || k.check == checkSHA256 && s.opts.TreeOnly || ofCopies[k.check] && theirs == Holds {
		return nil
	}
	if k.n == 7 && otherPacks(mine, theirs) {
		return nil
	}
	r := fails(Proof{
		"item": k.item.String(), "question": fmt.Sprint(k.n), "check": k.check, "subject": k.subject,
		"sender": string(theirs), "computed": string(mine),
	}, "the sender says that %s of %s in question %d is %s; computed again it is %s", k.check, k.subject, k.n, theirs, mine)
	return &r
}

// uncounted returns how many anchors the package has that do not count here. For the
// sender they may have: the states revoke, and add versions of their agreement. What does
// not count is shown.
func (s *session) uncounted() (n int) {
	all := slices.Concat(s.strays, slices.Concat(slices.Collect(maps.Values(s.anchored))...))
	for _, f := range all {
		if f.Check == checkAnchor && f.Status == NotApplicable {
			n++
		}
	}
	return n
}

// ofCopies are the checks of evidence copies. Where one held for the sender and does
// not here, the copy is another now: its own finding says so, and it says nothing
// about the sender.
var ofCopies = map[string]bool{checkSize: true, checkTree: true, checkSHA256: true, checkReaders: true}

// missing is in the place of a status that one of the verdicts does not have.
const missing Status = "missing"

// otherPacks reports whether one of two programs did not have the pack that the
// other evaluated. What both decided must be the same: a pack is named by digest.
func otherPacks(a, b Status) bool {
	open := map[Status]bool{"": true, missing: true, Undecided: true}
	return open[a] || open[b]
}
