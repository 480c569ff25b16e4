package verify

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
	"golang.org/x/sync/errgroup"
)

// hashedHere is the size from which on a caller's own hasher is asked: for less
// the asking costs more than the hashing.
const hashedHere = 64 << 10

// smallFile is the size up to which copies are read several at a time; larger
// ones keep all cores busy by themselves.
const smallFile = 4 * evidence.ChunkSize

// reading hashes the evidence copies of a package, each byte once.
type reading struct {
	p     *pack.Package
	which evidence.Algorithms
	hash  Hasher // nil: this program's own
	opener
	bagsOf func() *pack.Bags // what the bags have to be, looked up when the first is read

	mu       sync.Mutex
	found    map[pack.Enclosed]*contentCase
	entries  map[string]result // container findings by entry
	bags     map[string]result // what was found of a bag's own files, by entry
	done     int64
	total    int64
	progress func(done, total int64)
}

// A look at the copies: what was found, and what archive timestamps list of them.
type look struct {
	*reading
	archived []error
	err      error
}

// beginReading reads the copies, and then again what archive timestamps list, while
// the caller checks signatures. What it returns waits for the end of that; a panic
// comes out there, where the caller may catch it.
func beginReading(ctx context.Context, p *pack.Package, o Options) func() look {
	read := sync.OnceValue(func() (l look) {
		if l.reading, l.err = readContents(ctx, p, o); l.err == nil {
			l.archived, l.err = p.CheckArchives(ctx)
		}
		return l
	})
	go func() {
		defer func() { _ = recover() }()
		read()
	}()
	return read
}

// readContents recomputes the digests of every enclosed copy. Damage in the
// package is a result; an error is the medium's, or the context's.
func readContents(ctx context.Context, p *pack.Package, o Options) (*reading, error) {
	r := &reading{p: p, which: o.algorithms(), found: map[pack.Enclosed]*contentCase{}, entries: map[string]result{}, bags: map[string]result{}, progress: o.Progress, opener: newOpener(p.Dossier, o.Keys),
		bagsOf: sync.OnceValue(p.Dossier.Bags)}
	if o.TreeOnly && !o.AllDigests {
		r.hash = o.Hash
	}
	var files []pack.Enclosed
	bags, sealed := map[string][]pack.Enclosed{}, map[string][]pack.Enclosed{}
	for _, i := range p.Dossier.Items {
		for _, e := range i.Payload {
			switch {
			case p.Dossier.ReadersOf(e.Entry) != nil:
				sealed[e.Entry] = append(sealed[e.Entry], e)
			case e.Member != "":
				bags[e.Entry] = append(bags[e.Entry], e)
			default:
				files = append(files, e)
			}
			if x, ok := p.Entry(e.Entry); ok && len(bags[e.Entry])+len(sealed[e.Entry]) <= 1 {
				r.total += x.Size
			}
		}
	}
	if err := r.readFiles(ctx, files); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(sealed) {
		if err := r.readSealed(ctx, name, sealed[name]); err != nil {
			return nil, err
		}
	}
	for name, members := range bags {
		if err := r.readBag(ctx, name, members); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// readFiles reads the copies that are entries of their own: the small ones
// several at a time, the large ones one after the other.
func (r *reading) readFiles(ctx context.Context, files []pack.Enclosed) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	var large []pack.Enclosed
	for _, f := range files {
		if x, _ := r.p.Entry(f.Entry); x.Size > smallFile {
			large = append(large, f)
			continue
		}
		g.Go(func() error { return r.readFile(gctx, f) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, f := range large {
		if err := r.readFile(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// readFile takes tree, plain digest and CRC-32 in one pass. The plain digest is
// also the one that the manifest states for the entry.
func (r *reading) readFile(ctx context.Context, f pack.Enclosed) error {
	x, _ := r.p.Entry(f.Entry)
	src, _, err := r.p.OpenEntry(f.Entry)
	if err != nil {
		return err
	}
	whole := &toTheEnd{r: src}
	d, err := r.digest(ctx, whole)
	if x := damage(err); x != nil {
		r.spoilt(f, x)
		return nil
	}
	if err != nil {
		return err
	}
	r.note(f, &contentCase{digests: d, taken: r.which, checksum: whole.differs != nil})
	r.entry(f.Entry, r.treeOnly(whole.differs, listed(x, d.SHA256, whole.differs)))
	return nil
}

// treeOnly is what is said of an entry in place of what was found when the reader chose not to
// take the digest that the manifest states.
func (r *reading) treeOnly(checksum *asic.Error, found result) result {
	switch {
	case r.which&evidence.WithSHA256 != 0:
		return found
	case checksum != nil:
		return unreadable(checksum)
	}
	return notApplicable("the manifest's digest was not recomputed; the content tree was")
}

// listed compares what an entry holds with what the manifest states of it.
func listed(x asic.Entry, found evidence.Hash, checksum *asic.Error) result {
	switch {
	case found != x.Digest:
		return fails(Proof{"manifest": x.Digest.String(), "found": found.String()}, "its content is not what the manifest states%s", damagedOnTheWay(checksum != nil))
	case checksum != nil:
		return undecided("its content is what the manifest states, and its checksum is damaged: %v", checksum)
	}
	return holds("its content has the digest that the manifest states")
}

// damagedOnTheWay says what a wrong CRC-32 beside a wrong digest points to:
// whoever changes a file on purpose writes a right one.
func damagedOnTheWay(checksum bool) string {
	if checksum {
		return "; the container's checksum differs too, which points to damage on the way"
	}
	return ""
}

// readBag reads the members of an inner bag, and beside them the bag as a whole,
// which is an entry with a digest of its own.
func (r *reading) readBag(ctx context.Context, name string, members []pack.Enclosed) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	g.Go(func() error { return r.bagAsListed(gctx, name) })
	bag, err := r.p.Bag(name)
	switch x := damage(err); {
	case x != nil:
		for _, m := range members {
			r.spoilt(m, x)
		}
		return g.Wait()
	case err != nil:
		return errors.Join(err, g.Wait())
	}
	if !members[0].InBagIt() && bag.Len() != len(members) {
		r.entry(name, undecided("the bag has %s and the items name %d of them", count(bag.Len(), "member", "members"), len(members)))
	}
	for _, m := range members {
		g.Go(func() error { return r.readMember(gctx, bag, m) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return r.ownFiles(ctx, name, bag)
}

// bagAsListed compares a bag as a whole with what the manifest states of it.
func (r *reading) bagAsListed(ctx context.Context, name string) error {
	if r.which&evidence.WithSHA256 == 0 {
		r.entry(name, notApplicable("the manifest's digest was not recomputed; the content trees were"))
		return nil
	}
	return r.asListed(ctx, name, func(int) {})
}

// asListed compares the bytes of an entry with what the manifest states of them.
func (r *reading) asListed(ctx context.Context, name string, report func(n int)) error {
	x, _ := r.p.Entry(name)
	src, _, err := r.p.OpenEntry(name)
	if err != nil {
		return err
	}
	whole, h := &toTheEnd{r: src}, sha256.New()
	in := &watched{ctx: ctx, r: whole, report: report}
	_, err = io.CopyBuffer(struct{ io.Writer }{h}, in, make([]byte, evidence.ChunkSize))
	if x := damage(err); x != nil {
		r.entry(name, unreadable(x))
		return nil
	}
	if err == nil {
		r.entry(name, listed(x, evidence.Hash(h.Sum(nil)), whole.differs))
	}
	return err
}

func (r *reading) readMember(ctx context.Context, bag *asic.Bag, m pack.Enclosed) error {
	src, err := bag.Open(m.Member)
	if err != nil {
		r.note(m, &contentCase{damaged: err.Error()})
		return nil
	}
	whole := &toTheEnd{r: src}
	d, err := r.digest(ctx, whole)
	if x := damage(err); x != nil {
		r.spoilt(m, x)
		return nil
	}
	if err != nil {
		return err
	}
	if whole.differs != nil {
		r.entry(m.Entry, unreadable(whole.differs))
	}
	r.note(m, &contentCase{digests: d, taken: r.which, checksum: whole.differs != nil})
	return nil
}

func (r *reading) digest(ctx context.Context, src *toTheEnd) (evidence.Digests, error) {
	if e, ok := src.r.(*asic.EntryReader); ok && r.hash != nil && e.Size() >= hashedHere {
		return r.digestElsewhere(ctx, src, e)
	}
	return evidence.DigestReader(&watched{ctx: ctx, r: src, report: r.advance}, r.which, nil)
}

// digestElsewhere lets the caller's hasher read a copy. What it found of the
// CRC-32 comes out as if it had been read here.
func (r *reading) digestElsewhere(ctx context.Context, src *toTheEnd, e *asic.EntryReader) (evidence.Digests, error) {
	tree, crc, err := r.hash(ctx, e.Section(), r.advance)
	if err != nil {
		return evidence.Digests{}, err
	}
	e.Took(crc)
	if _, err := src.Read(make([]byte, 1)); err != io.EOF {
		return evidence.Digests{}, err
	}
	return evidence.Digests{Size: e.Size(), Tree: tree}, nil
}

// note keeps what was found of one copy.
func (r *reading) note(f pack.Enclosed, x *contentCase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[f.Where()] = x
}

// spoilt notes a copy that cannot be read.
func (r *reading) spoilt(f pack.Enclosed, x *asic.Error) {
	r.note(f, &contentCase{damaged: x.Error()})
	r.entry(f.Entry, unreadable(x))
}

// entry keeps what was found of an entry. The worst result stays, of equal ones
// always the same, whatever the order of reading.
func (r *reading) entry(name string, x result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, ok := r.entries[name]
	if !ok || worse(x.status, old.status) || x.status == old.status && x.detail < old.detail {
		r.entries[name] = x
	}
}

func worse(a, b Status) bool {
	rank := map[Status]int{NotApplicable: 0, Holds: 1, Undecided: 2, Fails: 3}
	return rank[a] > rank[b]
}

func (r *reading) advance(n int) {
	if r.progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = min(r.done+int64(n), r.total)
	r.progress(r.done, r.total)
}

// damage returns the container's refusal in err, or nil.
func damage(err error) *asic.Error {
	var x *asic.Error
	if errors.As(err, &x) {
		return x
	}
	return nil
}

// unreadable says that damage to an entry leaves open what it held.
func unreadable(x *asic.Error) result { return undecided("it is damaged: %v", x) }

// toTheEnd reads an entry to its end though its CRC-32 differs: what the digests
// of the copy say is proof, what a checksum says is not.
type toTheEnd struct {
	r       io.Reader
	differs *asic.Error // of kind checksum, once the end is reached
}

// Read implements [io.Reader].
func (t *toTheEnd) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if !errors.Is(err, asic.ErrChecksum) {
		return n, err
	}
	t.differs = damage(err)
	if n > 0 {
		return n, nil
	}
	return 0, io.EOF
}

// watched reads until its context is done, and reports how far it came.
type watched struct {
	ctx    context.Context
	r      io.Reader
	report func(n int)
}

// Read implements [io.Reader].
func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.report(n)
	return n, err
}
