package verify

import (
	"slices"
	"strconv"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// contentCase is what was recomputed of one evidence copy.
type contentCase struct {
	digests  evidence.Digests
	taken    evidence.Algorithms
	damaged  string      // why it could not be read, when the package itself is to blame
	checksum bool        // its CRC-32 in the container differs
	sealed   *sealedCase // what is known of it without a key; nil for one that is not encrypted
}

// same answers question 1: is it the same evidence that was sealed?
func (c *itemCase) same() Question {
	a := newAnswer(1)
	for _, e := range c.history {
		a.add(e.record)
	}
	first := c.first()
	if first == nil || first.event == nil {
		a.add(conclude(checkRecord, c.line.Item.String(), undecided("the event that sealed the item is not shown")))
		return a.question(sameSentences)
	}
	files, size := 0, int64(0)
	copies := c.copies()
	a.findings = slices.Grow(a.findings, 3*len(c.line.Payload)) // size, tree and SHA-256 of each
	for n, e := range first.line.Record.Files() {
		files++
		size += c.file(a, first, evidence.FileName(n), e, copies)
	}
	a.add(c.oneHash(first))
	hidden := hasHiddenNames(first.line.Record)
	c.strangers(a, first, copies, hidden)
	if files == 0 && len(c.line.Payload) == 0 {
		none := notApplicable("no file is recorded: that it is the same thing rests on the physical seals")
		if hidden {
			none = notApplicable("whether files are recorded is held back")
		}
		a.add(conclude(checkNothing, c.line.Item.String(), none))
	}
	a.fact("files recorded", strconv.Itoa(files))
	a.fact("copies enclosed", strconv.Itoa(len(c.line.Payload)))
	a.fact("bytes enclosed", strconv.FormatInt(size, 10))
	if n := c.unread(); n > 0 {
		a.fact("copies not opened", strconv.Itoa(n))
		a.sentence = notOpened(n, len(c.line.Payload), statusOf(a.findings))
	}
	if len(c.line.Payload) == 0 && statusOf(a.findings) == Holds {
		a.sentence = nothingCompared(files, hidden)
	}
	return a.question(sameSentences)
}

// nothingCompared does not claim for the evidence what holds for the record alone.
func nothingCompared(files int, hidden bool) string {
	switch {
	case files == 0 && hidden:
		return "What is shown of the record is what was signed; whether files are recorded is held back, and no copy is enclosed."
	case files == 0:
		return "What is shown of the record is what was signed; no file is recorded, so that it is the same thing rests on the physical seals."
	}
	return "What is shown of the record is what was signed; no copy of the evidence is enclosed, so none was compared."
}

var sameSentences = map[Status]string{
	Holds:         "What is enclosed is, byte for byte, what was sealed; what is shown of the record is what was signed.",
	Fails:         "Something shown here is not what was sealed.",
	Undecided:     "It could not be decided whether this is what was sealed.",
	NotApplicable: "There is nothing here that could be compared with what was sealed.",
}

// oneHash says for how many files the bytes rest on one hash function; records
// never do (rule P23).
func (c *itemCase) oneHash(first *eventCase) *Finding {
	alone, with := 0, 0
	for _, e := range first.line.Record.Files() {
		v, err := evidence.ParseFileValue(e.Value)
		if e.Form != evidence.Shown || err != nil || v.Digests == nil {
			continue
		}
		with++
		if v.Digests.Algorithms()&evidence.WithSHA512 == 0 {
			alone++
		}
	}
	if alone == 0 {
		return nil
	}
	return conclude(checkSecond, c.line.Item.String(), notApplicable("the bytes of %d of %s rest on SHA-256 alone", alone, count(with, "file", "files")))
}

func hasHiddenNames(v *evidence.View) bool {
	return slices.ContainsFunc(v.Entries, func(e evidence.ViewEntry) bool { return e.Name == "" })
}

// first returns the item's event number 0, or nil.
func (c *itemCase) first() *eventCase {
	if len(c.history) == 0 || c.history[0].seq != 0 {
		return nil
	}
	return c.history[0]
}

// copies returns the enclosed copies by the file they are of.
func (c *itemCase) copies() map[string][]pack.Enclosed {
	m := make(map[string][]pack.Enclosed)
	for _, p := range c.line.Payload {
		m[p.File] = append(m[p.File], p)
	}
	return m
}

// file judges one recorded file and takes its copies out of copies. It returns
// how many bytes of copies it found.
func (c *itemCase) file(a *answer, first *eventCase, name string, e evidence.ViewEntry, copies map[string][]pack.Enclosed) int64 {
	mine := copies[name]
	delete(copies, name)
	if e.Form != evidence.Shown {
		for range mine {
			a.fresh(conclude(checkTree, name, undecided("its value is held back, so there is nothing to compare the copy with"), first.record))
		}
		return 0
	}
	v, err := evidence.ParseFileValue(e.Value)
	if err != nil {
		a.fresh(conclude(checkTree, name, undecided("its value is not that of a file: %v", err), first.record))
		return 0
	}
	if v.Digests == nil {
		if len(mine) > 0 {
			a.fresh(conclude(checkTree, name, fails(Proof{"kind": string(v.Kind)}, "a copy is enclosed of what was recorded as %q, without content", v.Kind), first.record))
		}
		return 0
	}
	if len(mine) == 0 {
		a.fresh(conclude(checkInside, name, notApplicable("%s is not enclosed; its digests are in the record", v.Kind)))
	}
	size := int64(0)
	for _, p := range mine {
		size += c.compare(a, first, name, *v.Digests, p)
	}
	return size
}

// compare holds one copy against the digests that were sealed (rule P6).
func (c *itemCase) compare(a *answer, first *eventCase, name string, want evidence.Digests, p pack.Enclosed) int64 {
	x := c.contents[p.Where()]
	shut := c.readersOf(a, first, name, x, p)
	switch {
	case x == nil:
		a.fresh(conclude(checkTree, name, undecided("its copy was not read"), first.record))
		return 0
	case shut != nil:
		if p.Member == "" {
			a.fresh(conclude(checkSize, name, x.sealed.size(want.Size), first.record))
		}
		a.fresh(conclude(checkTree, name, *shut, first.record))
		return 0
	case x.damaged != "":
		a.fresh(conclude(checkTree, name, undecided("its copy cannot be read: %s", x.damaged), first.record))
		return 0
	}
	got := x.digests
	a.fresh(conclude(checkSize, name, x.same("size", strconv.FormatInt(want.Size, 10), strconv.FormatInt(got.Size, 10)), first.record))
	a.fresh(conclude(checkTree, name, x.same("content tree", want.Tree.String(), got.Tree.String()), first.record))
	for _, d := range []struct {
		check, name string
		kind        evidence.Algorithms
		want, got   string
	}{
		{checkSHA256, "SHA-256", evidence.WithSHA256, want.SHA256.String(), got.SHA256.String()},
		{checkSHA512, "SHA-512", evidence.WithSHA512, want.SHA512.String(), got.SHA512.String()},
	} {
		switch {
		case want.Algorithms()&d.kind == 0:
		case x.taken&d.kind == 0:
			a.fresh(conclude(d.check, name, undecided(statedDigest, d.name, d.want), first.record))
		default:
			a.fresh(conclude(d.check, name, x.same(d.name, d.want, d.got), first.record))
		}
	}
	return got.Size
}

func (x *contentCase) same(what, want, got string) result {
	if want != got {
		return fails(Proof{"sealed": want, "found": got}, "the %s of the copy is not the one that was sealed%s", what, damagedOnTheWay(x.checksum))
	}
	return holds(sameDigest, what, got)
}

// What is said of a digest that was not recomputed, and of one that was and is the same.
const (
	statedDigest = "%s %s is stated by the sealer, not recomputed"
	sameDigest   = "%s %s, recomputed"
)

// strangers judges the copies of files that the record does not show, of which copies has
// those by their file. Names of the record may be hidden.
func (c *itemCase) strangers(a *answer, first *eventCase, copies map[string][]pack.Enclosed, hidden bool) {
	if len(copies) == 0 {
		return
	}
	others := map[string]bool{} // names of the record that are no files', and yet are said to be
	for _, e := range first.line.Record.Entries {
		if copies[e.Name] != nil {
			others[e.Name] = true
		}
	}
	for _, p := range c.line.Payload {
		switch {
		case copies[p.File] == nil:
		case hidden || others[p.File]:
			a.fresh(conclude(checkTree, p.File, undecided("the record does not show this file"), first.record))
		default:
			a.fresh(conclude(checkTree, p.File, fails(Proof{"entry": p.Entry}, "a copy is enclosed of a file that the record does not have"), first.record))
		}
	}
}
