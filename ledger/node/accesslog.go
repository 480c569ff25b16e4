package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/batch"
)

// AccessLog is the file of a node's access log. What Add returned for is durable.
type AccessLog struct {
	path  string
	files durable.Files
	queue *batch.Queue[*looked]
	ended chan struct{}

	mu    sync.Mutex
	chain access.Chain
	size  int64 // of the whole lines
}

// looked is one line on its way.
type looked struct {
	line access.Line
	err  error
	done chan struct{}
}

// OpenAccessLog opens the log at path, which is made when it is not there, and reads
// it whole. What an interrupted process left of a line, which nobody was answered for,
// is cut off by the next line. Errors: [access.ErrLine], [access.ErrChain].
func OpenAccessLog(path string, files durable.Files) (*AccessLog, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = files.WriteNew(path, nil, 0o600)
	}
	if err != nil {
		return nil, err
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1]
	v, err := access.Verify(bytes.NewReader(whole), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("access log: %w", err)
	}
	l := &AccessLog{path: path, files: files, queue: batch.New[*looked](1024, time.Millisecond), ended: make(chan struct{}), chain: v.Chain, size: int64(len(whole))}
	go l.commitAll()
	return l, nil
}

// Add adds a line, whose number, chain and salt it sets.
func (l *AccessLog) Add(ctx context.Context, line access.Line) error {
	x := &looked{line: line, done: make(chan struct{})}
	if !l.queue.Put(x) {
		return errors.New("the access log is closed")
	}
	select {
	case <-x.done:
		return x.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Newest is where the log ends.
func (l *AccessLog) Newest() access.Chain {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.chain
}

// From returns the lines from n on, n ≥ 1, each with its line feed.
func (l *AccessLog) From(n uint64) ([]byte, error) {
	l.mu.Lock()
	size := l.size
	l.mu.Unlock()
	b, err := os.ReadFile(l.path)
	if err != nil {
		return nil, err
	}
	b = b[:min(size, int64(len(b)))]
	for ; n > 1 && len(b) > 0; n-- {
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	return b, nil
}

// Close ends the log after what was given to it is durable.
func (l *AccessLog) Close() error {
	l.queue.Close()
	<-l.ended
	return nil
}

func (l *AccessLog) commitAll() {
	defer close(l.ended)
	for {
		b, ok := l.queue.Take()
		if !ok {
			return
		}
		l.commit(b)
		l.queue.Done()
		for _, x := range b {
			close(x.done)
		}
	}
}

// commit writes lines with one synchronisation. Those of a write that failed are not
// in the log: the next write begins where they would have stood.
func (l *AccessLog) commit(b []*looked) {
	chain, all := l.chain, []byte(nil)
	for _, x := range b {
		line, next, err := chain.Next(x.line)
		if x.err = err; err == nil {
			chain, all = next, append(append(all, line...), '\n')
		}
	}
	err := l.files.Extend(l.path, l.size, all)
	if err == nil {
		l.mu.Lock()
		l.chain, l.size = chain, l.size+int64(len(all))
		l.mu.Unlock()
		return
	}
	for _, x := range b {
		x.err = errors.Join(x.err, err)
	}
}
