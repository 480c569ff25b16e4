package verify

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
	"golang.org/x/sync/errgroup"
)

// smallFile is the size up to which copies are read several at a time; larger
// ones keep all cores busy by themselves.
const smallFile = 4 * evidence.ChunkSize

// reading hashes the evidence copies of a package, each byte once.
type reading struct {
	p     *pack.Package
	which evidence.Algorithms

	mu       sync.Mutex
	found    map[pack.Enclosed]*contentCase
	entries  map[string]result // container findings by entry
	done     int64
	total    int64
	progress func(done, total int64)
}

// readContents recomputes the digests of every enclosed copy. Damage in the
// package is a result; an error is the medium's, or the context's.
func readContents(ctx context.Context, p *pack.Package, o Options) (*reading, error) {
	r := &reading{p: p, which: o.algorithms(), found: map[pack.Enclosed]*contentCase{}, entries: map[string]result{}, progress: o.Progress}
	var files []pack.Enclosed
	bags := map[string][]pack.Enclosed{}
	for _, i := range p.Dossier.Items {
		for _, e := range i.Payload {
			if e.Member != "" {
				bags[e.Entry] = append(bags[e.Entry], e)
			} else {
				files = append(files, e)
			}
			if x, ok := p.Entry(e.Entry); ok && (e.Member == "" || len(bags[e.Entry]) == 1) {
				r.total += x.Size
			}
		}
	}
	if err := r.readFiles(ctx, files); err != nil {
		return nil, err
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
	src, size, err := r.p.OpenEntry(f.Entry)
	if err != nil {
		return err
	}
	d, err := r.digest(ctx, src, size)
	if x := damage(err); x != nil {
		r.note(f, &contentCase{damaged: x.Error()}, entryDamage(x))
		return nil
	}
	if err != nil {
		return err
	}
	entry := holds("its content has the digest that the manifest states")
	switch {
	case r.which&evidence.WithSHA256 == 0:
		entry = notApplicable("the manifest's digest was not recomputed; the content tree was")
	case d.SHA256 != x.Digest:
		entry = fails(Proof{"manifest": x.Digest.String(), "found": d.SHA256.String()}, "its content is not what the manifest states")
	}
	r.note(f, &contentCase{digests: d, taken: r.which}, entry)
	return nil
}

// readBag reads the members of an inner bag. The bag as a whole is an entry with
// a digest of its own.
func (r *reading) readBag(ctx context.Context, name string, members []pack.Enclosed) error {
	entry := notApplicable("the manifest's digest was not recomputed; the content trees were")
	if r.which&evidence.WithSHA256 != 0 {
		entry = holds("its content has the digest that the manifest states")
		err := r.p.CheckEntry(name)
		if x := damage(err); x != nil {
			entry = entryDamage(x)
		} else if err != nil {
			return err
		}
	}
	bag, err := r.p.Bag(name)
	if x := damage(err); x != nil {
		for _, m := range members {
			r.note(m, &contentCase{damaged: x.Error()}, entryDamage(x))
		}
		return nil
	}
	if err != nil {
		return err
	}
	if bag.Len() != len(members) {
		entry = undecided("the bag has %s and the items name %d of them", count(bag.Len(), "member", "members"), len(members))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, m := range members {
		g.Go(func() error { return r.readMember(gctx, bag, m, entry) })
	}
	return g.Wait()
}

func (r *reading) readMember(ctx context.Context, bag *asic.Bag, m pack.Enclosed, entry result) error {
	src, err := bag.Open(m.Member)
	if err != nil {
		r.note(m, &contentCase{damaged: err.Error()}, entry)
		return nil
	}
	d, err := r.digest(ctx, src, src.Size())
	if x := damage(err); x != nil {
		r.note(m, &contentCase{damaged: x.Error()}, entryDamage(x))
		return nil
	}
	if err != nil {
		return err
	}
	r.note(m, &contentCase{digests: d, taken: r.which}, entry)
	return nil
}

func (r *reading) digest(ctx context.Context, src io.Reader, size int64) (evidence.Digests, error) {
	return evidence.DigestReader(&watched{ctx: ctx, r: src, report: r.advance}, r.which, nil)
}

// note keeps what was found of one copy. The worst result of an entry stays, of
// equal ones always the same, whatever the order of reading.
func (r *reading) note(f pack.Enclosed, x *contentCase, entry result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[f.Where()] = x
	old, ok := r.entries[f.Entry]
	if !ok || worse(entry.status, old.status) || entry.status == old.status && entry.detail < old.detail {
		r.entries[f.Entry] = entry
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

// entryDamage says what damage to an entry means: another digest than the
// manifest's is proven, the rest is damage on the way.
func entryDamage(x *asic.Error) result {
	if errors.Is(x, asic.ErrDigest) {
		return fails(Proof{"container": x.Error()}, "its content is not what the manifest states: %s", x.Detail)
	}
	return undecided("it is damaged: %v", x)
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
