package pack

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
)

// bagged writes the members of a bag in their order. Before each stands its CRC-32, so
// a member is known as a whole before it is written: while one batch of them is
// written, the next is read and digested on all cores. A member that is larger than a
// batch is read twice instead.
type bagged struct {
	bag   *asic.BagWriter
	found Contents
}

// batchSize is how many bytes of members are held at once, twice: of the batch that
// is written, and of the one that is read.
const batchSize = 8 << 20

// batchMost is how many members a batch has at most, however small they are.
const batchMost = 1024

// batch is members that follow on each other, with their contents one behind the other;
// or one that is larger than content, which is then not in it.
type batch struct {
	members []Source
	content []byte // batchSize
	digests []evidence.Digests
}

// write writes all members and notes their digests.
func (w *bagged) write(ctx context.Context, members []Source) error {
	g, ctx := errgroup.WithContext(ctx)
	free, full := make(chan *batch, 2), make(chan *batch, 1)
	for range cap(free) {
		free <- &batch{content: make([]byte, batchSize)}
	}
	g.Go(func() error {
		defer close(full)
		for len(members) > 0 {
			select {
			case b := <-free:
				members = b.take(members)
				if err := b.read(ctx); err != nil {
					return err
				}
				full <- b // there is room: whoever writes takes it or has ended with an error
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for b := range full {
			if err := w.put(ctx, b); err != nil {
				return err
			}
			free <- b
		}
		return nil
	})
	return g.Wait()
}

// take makes the batch one of the members that come next, and returns those after it.
func (b *batch) take(members []Source) []Source {
	n, size := 0, int64(0)
	for n < min(len(members), batchMost) && size+members[n].Size <= batchSize {
		size += members[n].Size
		n++
	}
	n = max(n, 1)
	b.members, b.digests = members[:n], make([]evidence.Digests, n)
	return members[n:]
}

// large reports whether the batch is one member that it does not hold.
func (b *batch) large() bool { return b.members[0].Size > batchSize }

// read fills the batch.
func (b *batch) read(ctx context.Context) error {
	if b.large() {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	rest := b.content
	for i, s := range b.members {
		content := rest[:s.Size:s.Size]
		rest = rest[s.Size:]
		g.Go(func() error {
			if err := s.readInto(ctx, content); err != nil {
				return fmt.Errorf("%s: %w", s.Member, err)
			}
			b.digests[i] = evidence.DigestBytes(content, evidence.WithSHA256)
			return nil
		})
	}
	return g.Wait()
}

// readInto reads exactly what fits, which has to be all of the source.
func (s Source) readInto(ctx context.Context, content []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := s.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.ReadFull(r, content)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return s.announced(int64(n))
	}
	if err != nil {
		return err
	}
	var more [1]byte
	switch n, err := io.ReadFull(r, more[:]); {
	case n > 0:
		return s.announced(s.Size + 1)
	case err != io.EOF:
		return err
	}
	return nil
}

// put writes a batch to the bag.
func (w *bagged) put(ctx context.Context, b *batch) error {
	if b.large() {
		return w.putLarge(ctx, b.members[0])
	}
	rest := b.content
	for i, s := range b.members {
		w.found[s.Where()] = b.digests[i]
		if err := w.bag.WriteFile(s.Member, rest[:s.Size]); err != nil {
			return err
		}
		rest = rest[s.Size:]
	}
	return nil
}

// putLarge reads a member for its digests and its CRC-32, and then to write it.
func (w *bagged) putLarge(ctx context.Context, s Source) error {
	sum := crc32.NewIEEE()
	d, err := digest(ctx, s, sum)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Member, err)
	}
	w.found[s.Where()] = d
	dst, err := w.bag.Create(s.Member, s.Size, sum.Sum32())
	if err != nil {
		return err
	}
	r, err := s.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Member, err)
	}
	defer r.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{dst}, struct{ io.Reader }{contextReader{ctx, r}}, make([]byte, evidence.ChunkSize)); err != nil {
		return fmt.Errorf("%s: %w", s.Member, err)
	}
	return dst.Close()
}
