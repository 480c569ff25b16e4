package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"example.org/custody/evidence"
)

// Limits of spec/vault.md "Object", in bytes.
const (
	packed   = 1 << 20  // files up to here go into packs
	packSize = 16 << 20 // of the plaintext of a pack
)

// packSpan is over how many entries of a sealing one pack reaches at most. What a
// record says of a file is known when its pack is stored; until then it waits in
// memory.
const packSpan = 4096

// Intake is what a sealing takes in.
type Intake struct {
	Source    evidence.Source
	Found     []evidence.Found    // what the walk of Source met; Ingest takes it over, and forgets what is done
	Which     evidence.Algorithms // digests to take beside the content tree
	Protected bool                // all of it concerns one protected person
	Progress  Progress            // nil: nobody wants to know

	// Each is given the record's value of everything in Found, in that order, from
	// one goroutine, as soon as it is known. An error ends the sealing.
	Each func(evidence.FileValue) error
}

// Progress is told how far long work has come. Its methods may be called from
// several goroutines.
type Progress interface {
	File(name string) // a file is begun
	Add(n int64)      // n more bytes were read
}

// Ingest reads everything found, once, and stores what has content, encrypted.
// Files are read in parallel; memory does not depend on their sizes, and hardly
// on their number.
//
// What the sources do (vanish, change, cannot be read) becomes part of the
// values. With an error nothing is left. Without one the sealing is under way
// until [Vault.Commit] or [Vault.Abandon]; it returns [ErrUnfinished] while
// another one is.
func (v *Vault) Ingest(ctx context.Context, in Intake) error {
	if in.Progress == nil {
		in.Progress = noProgress{}
	}
	if _, err := v.finishErasures(ctx); err != nil { // one that failed in this process
		return err
	}
	j, err := v.begin(int64(len(in.Found)))
	if errors.Is(err, ErrUnfinished) {
		return err
	}
	if err != nil {
		return errors.Join(err, v.Abandon(context.WithoutCancel(ctx)))
	}
	t := &intake{Intake: in, vault: v, journal: j, large: make(chan struct{}, largeAtOnce)}
	if err := t.run(ctx); err != nil {
		return errors.Join(err, v.Abandon(context.WithoutCancel(ctx)))
	}
	v.took(t.marks)
	return nil
}

type noProgress struct{}

func (noProgress) File(string) {}
func (noProgress) Add(int64)   {}

// largeAtOnce is how many files with objects of their own are stored at the same
// time: while one waits for the disk the other keeps the cores busy. Each takes
// some megabytes of buffers.
const largeAtOnce = 2

// intake is one Ingest. Files go round: workers read them in parallel; the
// packer takes them in order, so that a pack holds neighbours, and gives out what
// is recorded of them in the same order.
//
//	dispatch ─┬─ work ──→ workers: read, digest; store what is large ──→ done
//	          └─ order ─→ packer: wait for done, add what is small to a pack ──→ Each
type intake struct {
	Intake
	vault   *Vault
	journal *journal
	marks   []mark        // of the values that Each was given
	names   atomic.Int64  // taken from the journal so far
	large   chan struct{} // slots
	cancel  context.CancelCauseFunc
}

// job is one file on its way.
type job struct {
	at     int                // place in Found
	value  evidence.FileValue // what is recorded
	stored *evidence.Stored   // of a file with an object of its own
	small  *[]byte            // buffer with the content of a file for a pack, until it is in the pack
	size   int64              // bytes of it in use
	in     *pack              // where the content of a small file is
	offset int64              // in the pack
	done   chan struct{}      // closed when all but in and offset is there
}

// run returns when every goroutine has ended.
func (t *intake) run(ctx context.Context) error {
	ctx, t.cancel = context.WithCancelCause(ctx)
	defer t.cancel(nil)
	workers := min(2*runtime.GOMAXPROCS(0), 8)
	work, order := make(chan *job), make(chan *job, workers)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for j := range work {
				t.read(ctx, j)
				close(j.done)
			}
		})
	}
	running.Go(func() { t.dispatch(ctx, work, order) })
	t.pack(ctx, order)
	running.Wait()
	return context.Cause(ctx)
}

// dispatch hands out the files in order until all are, or the work ends.
func (t *intake) dispatch(ctx context.Context, work, order chan<- *job) {
	defer close(work)
	defer close(order)
	for i := range t.Found {
		j := &job{at: i, done: make(chan struct{})}
		select {
		case order <- j: // it bounds how far the workers are ahead of the packer
			work <- j
		case <-ctx.Done():
			return
		}
	}
}

// read reads one file, and stores it when it is large.
func (t *intake) read(ctx context.Context, j *job) {
	if ctx.Err() != nil {
		return
	}
	f := t.Found[j.at]
	if f.Kind == evidence.KindFile {
		t.Progress.File(f.Path)
	}
	value, err := evidence.ReadFound(t.Source, f, func(r io.Reader, size int64) (evidence.Digests, error) {
		return t.consume(ctx, j, &watched{ctx, r, t.Progress}, size)
	})
	if err != nil {
		t.cancel(err)
		return
	}
	if value.Digests != nil {
		value.Stored = j.stored // nil so far for what goes into a pack
	}
	j.value = value
}

// consume takes a file's bytes, whose number may turn out to be another than
// size.
func (t *intake) consume(ctx context.Context, j *job, r io.Reader, size int64) (evidence.Digests, error) {
	if size > packed {
		return t.own(ctx, j, r)
	}
	b, n, err := readSmall(r, size)
	switch err {
	case io.EOF:
		j.small, j.size = b, int64(n)
		return evidence.DigestBytes((*b)[:n], t.Which), nil
	case nil: // it has grown
		defer giveBuffer(b)
		return t.own(ctx, j, io.MultiReader(bytes.NewReader(*b), r))
	}
	giveBuffer(b)
	return evidence.Digests{}, err
}

// readSmall reads a file that is small enough for a pack; then the error is
// io.EOF. It is nil when the buffer is full and there may be more.
func readSmall(r io.Reader, size int64) (b *[]byte, n int, err error) {
	b = takeBuffer(size)
	n, err = io.ReadFull(r, *b)
	if err == nil && len(*b) <= packed { // it has grown, but may still be small
		larger := takeBuffer(packed)
		copy(*larger, *b)
		giveBuffer(b)
		b = larger
		var more int
		more, err = io.ReadFull(r, (*b)[n:])
		n += more
	}
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return b, n, err
}

// own stores a file as an object of its own.
func (t *intake) own(ctx context.Context, j *job, r io.Reader) (d evidence.Digests, err error) {
	t.large <- struct{}{}
	defer func() { <-t.large }()
	stored, err := t.vault.putObject(ctx, t.name(), t.Protected, func(w io.Writer) (err error) {
		d, err = evidence.DigestReader(r, t.Which, w)
		return err
	})
	j.stored = &stored
	return d, err
}

// name returns a name that this sealing has not used.
func (t *intake) name() evidence.ObjectName { return t.journal.name(t.names.Add(1) - 1) }

// watched tells the progress what was read and ends with the context.
type watched struct {
	ctx context.Context
	r   io.Reader
	p   Progress
}

// Read implements [io.Reader].
func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.p.Add(int64(n))
	return n, err
}
