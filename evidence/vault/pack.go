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
}

// pack is one object of several files, on its way into the store.
type pack struct {
	pieces  chan *job // content, in order
	size    int64     // bytes so far
	members []int     // places in Found
}

// pack adds small files to packs in order. It returns when all packs are
// durable, or the work was given up.
func (t *intake) pack(ctx context.Context, order <-chan *job) {
	p := &packer{intake: t, ctx: ctx, slots: make(chan struct{}, packsAtOnce)}
	for j := range order {
		<-j.done
		if j.small != nil {
			p.add(j)
		}
	}
	p.finish()
	p.storing.Wait()
}

// add puts a file where the next one of its pack belongs.
func (p *packer) add(j *job) {
	if p.ctx.Err() != nil {
		giveBuffer(j.small)
		return
	}
	size := int64(j.size)
	if p.current != nil && p.current.size+size > packSize {
		p.finish()
	}
	if p.current == nil {
		p.open()
	}
	offset := p.current.size
	p.values[j.at].Stored = &evidence.Stored{Offset: &offset, Length: &size}
	p.current.size += size
	p.current.members = append(p.current.members, j.at)
	p.current.pieces <- j
}

// finish lets the current pack end.
func (p *packer) finish() {
	if p.current != nil {
		close(p.current.pieces)
		p.current = nil
	}
}

// open begins a pack.
func (p *packer) open() {
	p.slots <- struct{}{}
	c := &pack{pieces: make(chan *job, 2)}
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
		for _, at := range c.members {
			p.values[at].Stored.Object, p.values[at].Stored.SHA256 = stored.Object, stored.SHA256
		}
		<-p.slots
	})
}

// writeTo writes the files' bytes as they come.
func (c *pack) writeTo(w io.Writer) error {
	for j := range c.pieces {
		_, err := w.Write((*j.small)[:j.size])
		giveBuffer(j.small)
		if err != nil {
			return err
		}
	}
	return nil
}
