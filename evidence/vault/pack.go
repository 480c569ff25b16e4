package vault

import (
	"context"
	"io"
	"sync"

	"example.org/custody/evidence"
)

// packsAtOnce is how many packs are being stored at the same time: one is
// filled while those before it are synchronised.
const packsAtOnce = 3

// packer gathers small files into packs.
type packer struct {
	*intake
	ctx     context.Context
	current *pack // being filled; nil when there is none
	slots   chan struct{}
	storing sync.WaitGroup
	waiting []*job // whose values were not given out yet, in order
}

// pack is one object of several files, on its way into the store.
type pack struct {
	pieces chan *job       // content, in order
	first  int             // place in Found of the first file
	size   int64           // bytes so far
	stored evidence.Stored // once done is closed and the work goes on
	done   chan struct{}
}

// pack adds small files to packs in order. It returns when all packs are
// durable, or the work was given up.
func (t *intake) pack(ctx context.Context, order <-chan *job) {
	p := &packer{intake: t, ctx: ctx, slots: make(chan struct{}, packsAtOnce)}
	for j := range order {
		<-j.done
		if p.current != nil && j.at-p.current.first >= packSpan {
			p.finish()
		}
		if j.small != nil {
			p.add(j)
		}
		p.waiting = append(p.waiting, j)
		p.giveOut(false)
	}
	p.finish()
	p.giveOut(true)
	p.storing.Wait()
}

// giveOut gives out the values that are known, in order; all of them when it may
// wait for the packs.
func (p *packer) giveOut(wait bool) {
	for len(p.waiting) > 0 {
		j := p.waiting[0]
		if j.in != nil && !wait && !j.in.isDone() {
			return
		}
		if j.in != nil {
			<-j.in.done
		}
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		if p.ctx.Err() != nil {
			continue
		}
		if err := p.give(j); err != nil {
			p.cancel(err)
		}
	}
}

func (p *packer) give(j *job) error {
	if j.in != nil {
		stored := j.in.stored
		stored.Offset, stored.Length = &j.offset, &j.size
		j.value.Stored = &stored
	}
	if m, ok := p.vault.mark(j.value); ok {
		p.marks = append(p.marks, m)
	}
	p.Found[j.at] = evidence.Found{}
	return p.Each(j.value)
}

func (c *pack) isDone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// add puts a file where the next one of its pack belongs.
func (p *packer) add(j *job) {
	if p.ctx.Err() != nil {
		giveBuffer(j.small)
		return
	}
	if p.current != nil && p.current.size+j.size > packSize {
		p.finish()
	}
	if p.current == nil {
		p.open(j.at)
	}
	j.in, j.offset = p.current, p.current.size
	p.current.size += j.size
	p.current.pieces <- j
}

// finish lets the current pack end.
func (p *packer) finish() {
	if p.current != nil {
		close(p.current.pieces)
		p.current = nil
	}
}

// open begins a pack with the file at first.
func (p *packer) open(first int) {
	p.slots <- struct{}{}
	c := &pack{pieces: make(chan *job, 2), first: first, done: make(chan struct{})}
	p.current = c
	name := p.name()
	p.storing.Go(func() {
		stored, err := p.vault.putObject(p.ctx, name, p.Protected, c.writeTo)
		for j := range c.pieces { // after an error; nobody may wait for us
			giveBuffer(j.small)
		}
		if err != nil {
			p.cancel(err)
		}
		c.stored = stored
		close(c.done)
		<-p.slots
	})
}

// writeTo writes the files' bytes as they come.
func (c *pack) writeTo(w io.Writer) error {
	for j := range c.pieces {
		_, err := w.Write((*j.small)[:j.size])
		giveBuffer(j.small)
		j.small = nil // the job waits longer than the buffer is needed
		if err != nil {
			return err
		}
	}
	return nil
}
