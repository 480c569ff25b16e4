package verify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
)

// ownFiles derives again what a BagIt bag has beside the copies, and compares
// (spec/package.md, "Bag"). The digests of its copies have to be known before. It
// returns the error of whatever the bag is read from.
func (r *reading) ownFiles(ctx context.Context, entry string, bag *asic.Bag) error {
	want := r.bagsOf().Of(entry, r.recomputed)
	if want == nil {
		return nil // a bag of the earlier form has nothing else
	}
	found, err := compareBag(ctx, bag, want)
	if x := damage(err); x != nil {
		found, err = unreadable(x), nil
	}
	if err == nil {
		r.bag(entry, found)
	}
	return err
}

// recomputed returns what was found of a copy, or nothing when it could not be read.
func (r *reading) recomputed(p pack.Enclosed) evidence.Digests {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x := r.found[p.Where()]; x != nil && x.damaged == "" {
		return x.digests
	}
	return evidence.Digests{}
}

// bag keeps what was found of a bag's own files.
func (r *reading) bag(entry string, x result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bags[entry] = x
}

// compareBag returns the first difference between a bag and what it has to be.
func compareBag(ctx context.Context, bag *asic.Bag, want *pack.BagIt) (result, error) {
	if x := bagMembers(bag, want); x != nil {
		return *x, nil
	}
	for _, c := range want.Copies {
		if c.SHA256 == (evidence.Hash{}) {
			return undecided("the SHA-256 of %.200q is neither shown nor recomputed, so its manifest cannot be compared", c.Name), nil
		}
	}
	before, after := want.Tags()
	for _, tag := range append(before[:], after[:]...) {
		src, err := bag.Open(want.Folder + "/" + tag.Name)
		if err != nil {
			return result{}, err
		}
		x, err := compareTag(&watched{ctx: ctx, r: src, report: func(int) {}}, tag)
		if err != nil {
			return result{}, err
		}
		if x != nil {
			return *x, nil
		}
	}
	return holds("everything in the bag but the copies follows from the items and their records"), nil
}

// bagMembers returns what a bag has too much or too little, or nil.
func bagMembers(bag *asic.Bag, want *pack.BagIt) *result {
	inside := want.Folder + "/"
	for i := range bag.Len() {
		if name := bag.Member(i).Name; !strings.HasPrefix(name, inside) {
			return reason(undecided("the bag has %.200q, which is not in its one folder", name))
		}
	}
	i := 0
	for name := range want.Names() {
		got := ""
		if i < bag.Len() {
			got = strings.TrimPrefix(bag.Member(i).Name, inside)
		}
		switch i++; {
		case got == name:
		case got == "" || got > name:
			return reason(undecided("the bag has no %.200q", name))
		default:
			return reason(surplus(got))
		}
	}
	if i < bag.Len() {
		return reason(surplus(strings.TrimPrefix(bag.Member(i).Name, inside)))
	}
	return nil
}

func surplus(name string) result {
	return undecided("the bag has %.200q, which is neither a copy that an item names nor a file that belongs to a bag", name)
}

// tagBuffer is how much of a tag file is read at once: a line is far shorter.
const tagBuffer = 64 << 10

// compareTag compares a tag file line by line. It is read to its end whatever it says,
// because a damaged one says nothing.
func compareTag(src io.Reader, tag pack.BagTag) (*result, error) {
	in := bufio.NewReaderSize(src, tagBuffer)
	var x *result
	line := tagLine{tag: tag.Name}
	for want := range tag.Lines {
		got, err := nextLine(in)
		if err != nil {
			return nil, err
		}
		if x = line.compare(got, want); x != nil {
			break
		}
	}
	if x == nil {
		got, err := nextLine(in)
		if err != nil {
			return nil, err
		}
		x = line.compare(got, nil)
	}
	_, err := io.Copy(io.Discard, in)
	return x, err
}

// nextLine returns a line, what fits the buffer of one that is longer than any, what is
// left without a line end, or nothing at the end.
func nextLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	return line, err
}

// tagLine says what is wrong with the lines of one tag file.
type tagLine struct {
	tag  string
	n    int    // of the line, from 1
	last []byte // the one before
}

// compare holds one line against the one that belongs there; either is nil past the end.
func (l *tagLine) compare(got, want []byte) *result {
	l.n++
	if bytes.Equal(got, want) {
		l.last = append(l.last[:0], got...)
		return nil
	}
	proof := Proof{"found": fmt.Sprintf("%.300q", got), "follows_from_record": fmt.Sprintf("%.300q", want)}
	if l.tag != pack.ManifestTag {
		return reason(fails(proof, "%q of the bag is not the one that follows from the items and their records", l.tag))
	}
	last, _ := manifestName(l.last)
	wanted, _ := manifestName(want)
	name, ok := manifestName(got)
	switch {
	case len(got) == 0 || ok && wanted != "" && name > wanted:
		return reason(fails(proof, "the bag's manifest has no line for %.200q in its place", wanted))
	case !ok:
		return reason(fails(proof, "line %d of the bag's manifest is not in its one form", l.n))
	case name == last:
		return reason(fails(proof, "the bag's manifest names %.200q twice", name))
	case name == wanted:
		return reason(fails(proof, "the bag's manifest states another SHA-256 of %.200q than belongs to it", name))
	}
	return reason(fails(proof, "the bag's manifest names %.200q, which has no place there", name))
}

// manifestName returns the name in a line of a manifest, and whether it is one.
func manifestName(line []byte) (string, bool) {
	sum, name, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), "  ")
	_, err := evidence.ParseHash(sum)
	return name, ok && err == nil && bytes.HasSuffix(line, []byte("\n"))
}

// reason is a result that ends a comparison.
func reason(r result) *result { return &r }
