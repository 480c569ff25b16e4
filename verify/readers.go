package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
	"golang.org/x/sync/errgroup"
)

// Keys open the copies that are encrypted to their holder (spec/package.md,
// "Readers"); readers.Keys does. Nothing rests on them: what they return is compared
// with the record.
type Keys interface {
	// Has reports whether a recipient of readers.jsonl is that of one of the keys.
	Has(recipient string) bool
	// Open opens an encrypted copy of size bytes for access at random from several
	// goroutines, and says how many bytes are in it. It returns [pack.ErrNoKey] when
	// it is encrypted to others; any other error says that it is damaged, or is r's.
	Open(r io.ReaderAt, size int64) (io.ReaderAt, int64, error)
}

// readable says how far an encrypted copy could be read.
type readable int

const (
	opened   readable = iota // with a key that was given
	noKey                    // no key was given
	nobodys                  // a key was given that is no reader's of this package
	another                  // it is another reader's; the key that was given opens others
	unopened                 // the key of a reader whom it names does not open it
	broken                   // it is damaged, so that a key does not open it
)

// openedUnnamed is what is said of a copy that has a reader whom nobody named.
const openedUnnamed = "the key given opens it, and the package names others as its readers"

// sealedCase is what was found of an encrypted entry without a key, and whether it
// was opened.
type sealedCase struct {
	names  result   // about content.readers
	state  readable //
	length int64    // bytes that are in it, by its own length; -1: it has no such length
}

// opener reads the encrypted entries of a package.
type opener struct {
	keys  Keys
	reads bool // a key is that of a reader whom the package names
}

func newOpener(d *pack.Dossier, keys Keys) opener {
	o := opener{keys: keys}
	for _, r := range d.Readers {
		o.reads = o.reads || keys != nil && keys.Has(r.Recipient)
	}
	return o
}

// named returns the first of the recipients whose key was given, "" for none.
func (o opener) named(recipients []string) string {
	for _, r := range recipients {
		if o.keys != nil && o.keys.Has(r) {
			return r
		}
	}
	return ""
}

// shut says why an entry for these recipients was not opened.
func (o opener) shut(recipients []string) readable {
	switch {
	case o.keys == nil:
		return noKey
	case o.named(recipients) != "":
		return unopened
	case o.reads:
		return another
	}
	return nobodys
}

// readSealed reads an entry that is encrypted to readers: always as the manifest has
// it, and what is in it when there is a key.
func (r *reading) readSealed(ctx context.Context, entry string, copies []pack.Enclosed) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(1 + runtime.GOMAXPROCS(0))
	g.Go(func() error { return r.asListed(gctx, entry, r.advance) })
	src, err := r.p.Section(entry)
	if err != nil {
		return errors.Join(err, g.Wait())
	}
	found, err := r.lookAt(entry, src)
	if err != nil {
		return errors.Join(err, g.Wait())
	}
	for _, f := range copies {
		r.note(f, &contentCase{sealed: found})
	}
	if r.keys != nil {
		g.Go(func() error { return r.readOpened(gctx, src, found, copies) })
	}
	return g.Wait()
}

// lookAt holds an encrypted entry, without opening it, against what the package says
// of its readers. An error is the medium's.
func (r *reading) lookAt(entry string, src *io.SectionReader) (*sealedCase, error) {
	recipients := r.p.Dossier.ReadersOf(entry)
	x := &sealedCase{state: r.shut(recipients), length: -1}
	h, err := pack.ReadAgeHeader(io.NewSectionReader(src, 0, src.Size()))
	switch {
	case errors.Is(err, pack.ErrForm):
		x.names = undecided("it cannot be opened by anybody: %v", err)
		return x, nil
	case err != nil:
		return nil, err
	}
	if n, ok := h.PlainSize(src.Size()); ok {
		x.length = n
	}
	want, got := pack.StanzasOf(recipients), map[string]int{}
	for _, kind := range h.Stanzas {
		got[kind]++
	}
	if fmt.Sprint(want) != fmt.Sprint(got) { // maps print in the order of their keys
		x.names = undecided("the package names %s of it, and it is encrypted to others, too, or to fewer", count(len(recipients), "reader", "readers"))
		return x, nil
	}
	x.names = notApplicable("the packer says that it is encrypted to %s; its header has as many places for readers, and whose they are shows only with a key", listedReaders(recipients))
	return x, nil
}

// listedReaders names the readers of a copy.
func listedReaders(recipients []string) string {
	return fmt.Sprintf("%s: %s", count(len(recipients), "reader", "readers"), shortened(recipients))
}

// shortened lists recipients so that their holders know them again.
func shortened(recipients []string) (list string) {
	for i, r := range recipients {
		if i > 0 {
			list += ", "
		}
		if len(r) > 62 {
			r = r[:24] + "…" + r[len(r)-8:]
		}
		list += r
	}
	return list
}

// readOpened tries to open an entry, whomever the package names as its readers: a copy
// that opens is compared. It takes the digests of the copies in it.
func (r *reading) readOpened(ctx context.Context, src *io.SectionReader, x *sealedCase, copies []pack.Enclosed) error {
	medium := &mediumAt{r: src}
	plain, size, err := r.keys.Open(medium, src.Size())
	switch {
	case medium.err != nil:
		return medium.err
	case errors.Is(err, pack.ErrNoKey):
		return nil
	case err != nil:
		x.state = broken
		return nil
	}
	x.state = opened
	recipients := r.p.Dossier.ReadersOf(copies[0].Entry)
	switch who := r.named(recipients); {
	case who == "":
		x.names = undecided(openedUnnamed)
	case x.names.status == NotApplicable:
		x.names = holds("it opened with the key of %s, and the package names %s", shortened([]string{who}), listedReaders(recipients))
	}
	if copies[0].Member == "" {
		return r.readPlain(ctx, medium, copies[0], x, io.NewSectionReader(plain, 0, size))
	}
	return r.readOpenedBag(ctx, medium, copies, x, plain, size)
}

// readOpenedBag reads the copies in a bag that was encrypted as a whole, and the bag's
// own files.
func (r *reading) readOpenedBag(ctx context.Context, medium *mediumAt, copies []pack.Enclosed, x *sealedCase, plain io.ReaderAt, size int64) error {
	bag, err := asic.OpenBag(plain, size, asic.Limits{})
	if err != nil {
		return r.spoiltInside(medium, copies, x, err)
	}
	if !copies[0].InBagIt() && bag.Len() != len(copies) {
		r.entry(copies[0].Entry, undecided("the bag has %s and the items name %d of them", count(bag.Len(), "member", "members"), len(copies)))
	}
	for _, f := range copies {
		m, err := bag.Open(f.Member)
		if err != nil {
			r.note(f, &contentCase{sealed: x, damaged: err.Error()})
			continue
		}
		if err := r.readPlain(ctx, medium, f, x, m); err != nil {
			return err
		}
	}
	err = r.ownFiles(ctx, copies[0].Entry, bag)
	switch {
	case err == nil || medium.err != nil:
		return medium.err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	r.bag(copies[0].Entry, undecided("it is damaged: %v", err))
	return nil
}

// readPlain takes the digests of one copy that was opened.
func (r *reading) readPlain(ctx context.Context, medium *mediumAt, f pack.Enclosed, x *sealedCase, src io.Reader) error {
	whole := &toTheEnd{r: src}
	d, err := evidence.DigestReader(&watched{ctx: ctx, r: whole, report: func(int) {}}, r.which, nil)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return r.spoiltInside(medium, []pack.Enclosed{f}, x, err)
	}
	r.note(f, &contentCase{digests: d, taken: r.which, checksum: whole.differs != nil, sealed: x})
	return nil
}

// spoiltInside notes copies that cannot be read though their entry was opened,
// unless it is the medium that failed.
func (r *reading) spoiltInside(medium *mediumAt, copies []pack.Enclosed, x *sealedCase, err error) error {
	if medium.err != nil {
		return medium.err
	}
	for _, f := range copies {
		r.note(f, &contentCase{sealed: x, damaged: err.Error()})
	}
	return nil
}

// mediumAt remembers an error of what it reads from, which is none of what is read.
type mediumAt struct {
	r   io.ReaderAt
	err error
}

// ReadAt implements [io.ReaderAt].
func (m *mediumAt) ReadAt(p []byte, at int64) (int, error) {
	n, err := m.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}

// closed judges a copy of a file that could not be opened; it is nil for one that was.
func (x *sealedCase) closed() *result {
	var r result
	switch x.state {
	case opened:
		return nil
	case noKey:
		r = undecided("it is encrypted to its readers, and no key was given: it was not compared")
	case nobodys:
		r = undecided("it is encrypted to its readers, and the key given is of none of them: it was not compared")
	case unopened:
		r = undecided("it names the holder of the key given as its reader, and that key does not open it: it is encrypted to somebody else")
	case broken:
		r = undecided("it is damaged, so that the key given does not open it")
	case another:
		r = notApplicable("it is encrypted to other readers than the holder of the key given: it was not compared")
	}
	return &r
}

// size compares the length of an encrypted copy with that of the file recorded.
func (x *sealedCase) size(want int64) result {
	switch x.length {
	case -1:
		return undecided("it has a length that no encrypted copy has")
	case want:
		return holds("size %d, by the length of the encrypted copy", want)
	}
	return fails(Proof{"sealed": fmt.Sprint(want), "found": fmt.Sprint(x.length)}, "the size of the copy, by its encrypted length, is not the one that was sealed")
}

// readersOf adds what is known of a copy's readers, and returns why it was not opened.
func (c *itemCase) readersOf(a *answer, first *eventCase, name string, x *contentCase, p pack.Enclosed) *result {
	recipients := c.d.ReadersOf(p.Entry)
	if recipients == nil {
		return nil
	}
	if x == nil || x.sealed == nil { // the sender, who encrypted it
		a.add(conclude(checkReaders, name, holds("it is encrypted to %s", listedReaders(recipients)), first.record))
		return nil
	}
	a.add(conclude(checkReaders, name, x.sealed.names, first.record))
	return x.sealed.closed()
}

// unread counts the item's copies that were not opened.
func (c *itemCase) unread() (n int) {
	for _, p := range c.line.Payload {
		if x := c.contents[p.Where()]; x != nil && x.sealed != nil && x.sealed.state != opened {
			n++
		}
	}
	return n
}

// notOpened does not claim for copies that nobody read what holds for the others; of
// an answer that fails, the usual sentence says enough.
func notOpened(n, of int, s Status) string {
	switch {
	case s == Holds && n == of:
		return "What is shown of the record is what was signed; every copy is encrypted to other readers, so none was compared."
	case s == Holds:
		return "What could be read is, byte for byte, what was sealed; some copies are encrypted to other readers and were not compared."
	case s == Undecided:
		return "It could not be decided whether every copy is what was sealed: some are encrypted, and no key was given that opens them."
	}
	return ""
}
