//go:build engines

package s3_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
)

// contentOf is what the object of that name holds, so that another process knows it.
func contentOf(name evidence.ObjectName, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte(append(name[:], name[:]...))).Read(b)
	return b
}

// only has requests op meet a fault, the nth of them or, with 0, all.
func only(op string, n int, f s3test.Fault) func(string, int) s3test.Fault {
	return func(o string, m int) s3test.Fault {
		if o == op && (n == 0 || m == n) {
			return f
		}
		return s3test.None
	}
}

// TestEngineFaults has a server fail in every way between a Put and its answer: the
// object is whole or not there, and the error says which fault it was.
func TestEngineFaults(t *testing.T) {
	const one, several = 1000, 20 << 20
	cases := map[string]struct {
		size  int
		fault func(string, int) s3test.Fault
		want  error // nil: it comes through
	}{
		"one part, stored and not said": {one, only("PUT object", 1, s3test.HangUp), nil},
		"one part, never said":          {one, only("PUT object", 0, s3test.HangUp), nil},
		"one part, 503 twice": {one, func(o string, n int) s3test.Fault {
			return map[bool]s3test.Fault{true: s3test.Busy}[o == "PUT object" && n < 3]
		}, nil},
		"one part, 503 for ever":            {one, only("PUT object", 0, s3test.Busy), s3.ErrBusy},
		"one part, said and not stored":     {one, only("PUT object", 0, s3test.Pretend), s3.ErrLost},
		"one part, another checksum":        {one, only("PUT object", 1, s3test.Lie), s3.ErrChecksum},
		"parts, one stored and not said":    {several, only("PUT part", 2, s3test.HangUp), nil},
		"parts, one refused":                {several, only("PUT part", 2, s3test.Refuse), nil},
		"parts, all refused":                {several, only("PUT part", 0, s3test.Refuse), s3.ErrUnreachable},
		"parts, one said and not stored":    {several, only("PUT part", 2, s3test.Pretend), s3.ErrLost},
		"parts, all said and not stored":    {several, only("PUT part", 0, s3test.Pretend), s3.ErrLost},
		"parts, another checksum":           {several, only("PUT part", 2, s3test.Lie), s3.ErrChecksum},
		"parts, joined and not said":        {several, only("POST complete", 1, s3test.HangUp), nil},
		"parts, never said to be joined":    {several, only("POST complete", 0, s3test.HangUp), nil},
		"parts, 503 when joined":            {several, only("POST complete", 1, s3test.Busy), nil},
		"parts, joined to another checksum": {several, only("POST complete", 1, s3test.Lie), s3.ErrChecksum},
		"parts, begun and not said":         {several, only("POST uploads", 1, s3test.HangUp), nil},
		"it cannot be asked what is there":  {one, only("GET versions", 0, s3test.Busy), s3.ErrBusy},
		"it cannot be asked what was just stored": {one, func(o string, n int) s3test.Fault {
			return map[bool]s3test.Fault{true: s3test.Refuse}[o == "GET versions" && n > 1]
		}, s3.ErrUnreachable},
	}
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		proxy := s3test.NewProxy(t, server)
		l := proxy.Before(server.NewBucket(t, true))
		s := open(t, l, func(o *s3.Options) { o.Patience = time.Minute })
		hasty := open(t, l, func(o *s3.Options) { o.Patience = 500 * time.Millisecond }) // where it must fail in the end
		for what, c := range cases {
			t.Run(what, func(t *testing.T) {
				name := evidence.NewObjectName()
				proxy.Set(c.fault)
				writer := s
				if c.want != nil {
					writer = hasty
				}
				_, err := writer.Put(t.Context(), name, bytes.NewReader(contentOf(name, c.size)))
				proxy.Set(nil)
				if !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("%v, want %v", err, c.want)
				}
				if _, e := s.Stat(t.Context(), name); err == nil || !errors.Is(e, fs.ErrNotExist) {
					holds(t, s, name, contentOf(name, c.size))
				}
				if e := s.Delete(t.Context(), name); err == nil && e != nil || e != nil && !errors.Is(e, fs.ErrNotExist) {
					t.Errorf("delete: %v", e)
				}
			})
		}
	})
}

// TestEngineStalled has the server do what it is asked and never say so, on a connection
// that stays open: it is given up, and what was done is found and not done again.
func TestEngineStalled(t *testing.T) {
	const one, several = 1000, 20 << 20 // bytes; the latter are three parts
	cases := map[string]struct {
		size  int
		op    string
		n     int
		asked int   // how often op is then asked
		want  error // nil: it comes through
	}{
		"one part":               {one, "PUT object", 1, 1, nil},
		"one part, every time":   {one, "PUT object", 0, 1, nil},
		"a part":                 {several, "PUT part", 2, 4, nil},
		"parts, every time":      {several, "PUT part", 0, 3, s3.ErrUnreachable},
		"parts, when begun":      {several, "POST uploads", 1, 2, nil},
		"parts, when joined":     {several, "POST complete", 1, 1, nil},
		"joined, every time":     {several, "POST complete", 0, 1, nil},
		"asked what is there":    {one, "GET versions", 1, 3, nil},
		"asked what was stored":  {one, "GET versions", 2, 3, nil},
		"asked whose it is, too": {one, "HEAD object", 1, 2, nil},
	}
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		l := server.NewBucket(t, true)
		for what, c := range cases {
			t.Run(what, func(t *testing.T) {
				t.Parallel()
				proxy := s3test.NewProxy(t, server)
				proxy.Set(only(c.op, c.n, s3test.Stall))
				s := open(t, proxy.Before(l), func(o *s3.Options) {
					o.Still, o.Patience = 5*time.Second, 4*time.Second // less than one stall: it begins behind it
					if c.want != nil {
						o.Patience = time.Millisecond
					}
				})
				name := evidence.NewObjectName()
				_, err := s.Put(t.Context(), name, bytes.NewReader(contentOf(name, c.size)))
				asked, done := proxy.Seen(c.op), proxy.Done(c.op)
				if !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("%v, want %v", err, c.want)
				}
				if asked != c.asked || done == 0 {
					t.Errorf("%s was asked %d times and done %d times; want %d, and done", c.op, asked, done, c.asked)
				}
				proxy.Set(nil)
				if _, e := s.Stat(t.Context(), name); err == nil || !errors.Is(e, fs.ErrNotExist) {
					holds(t, s, name, contentOf(name, c.size))
				}
			})
		}
	})
}

// TestEngineJoinedLate has the server take longer to join the parts than anybody waits for
// its answer. What it says meanwhile, to who asks again, is of both kinds that servers say:
// neither is believed, and no object that may come yet is called lost.
func TestEngineJoinedLate(t *testing.T) {
	const several = 20 << 20
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		proxy := s3test.NewProxy(t, server)
		l := proxy.Before(server.NewBucket(t, true))
		for what, again := range map[string]s3test.Fault{"says that it has": s3test.Pretend, "knows no such upload": s3test.Unknown} {
			put := func(patience time.Duration, joinedAt int) (*s3.Store, evidence.ObjectName, string, error) {
				dir, name := t.TempDir(), evidence.NewObjectName()
				s := open(t, l, func(o *s3.Options) { o.Patience, o.Records = patience, dir })
				asked := 0
				proxy.Set(func(op string, n int) s3test.Fault {
					switch {
					case op == "POST complete" && n == 1:
						return s3test.Late
					case op == "POST complete":
						return again
					case op == "GET versions" && proxy.Seen("POST complete") > 1:
						if asked++; asked == joinedAt {
							proxy.Release()
						}
					}
					return s3test.None
				})
				_, err := s.Put(t.Context(), name, bytes.NewReader(contentOf(name, several)))
				return s, name, dir, err
			}
			s, name, dir, err := put(time.Minute, 4)
			if err != nil || len(names(t, dir)) > 0 {
				t.Errorf("%s: %v, and left %q", what, err, names(t, dir))
			}
			holds(t, s, name, contentOf(name, several))

			s, name, dir, err = put(300*time.Millisecond, -1)
			if !errors.Is(err, s3.ErrUnreachable) || errors.Is(err, s3.ErrLost) || len(names(t, dir)) != 1 {
				t.Errorf("%s, for too long: %v, and left %q", what, err, names(t, dir))
			}
			proxy.Set(nil)
			proxy.Release()
			holds(t, s, name, contentOf(name, several))
			if _, err := s.Put(t.Context(), name, bytes.NewReader(contentOf(name, several))); !errors.Is(err, store.ErrExists) {
				t.Errorf("%s, put again: %v", what, err)
			}
		}
	})
}

// TestEngineLostNetwork has the network go away in the middle; a later Put of the same
// bytes sends only what is missing.
func TestEngineLostNetwork(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		proxy, dir := s3test.NewProxy(t, server), t.TempDir()
		l := proxy.Before(server.NewBucket(t, true))
		with := func(patience time.Duration) *s3.Store {
			return open(t, l, func(o *s3.Options) { o.Records, o.Patience, o.Parallel = dir, patience, 1 })
		}
		name := evidence.NewObjectName()
		content := contentOf(name, 40<<20) // five parts
		proxy.Set(func(op string, n int) s3test.Fault {
			if op == "PUT part" && n > 3 {
				return s3test.Refuse
			}
			return s3test.None
		})
		if _, err := with(300*time.Millisecond).Put(t.Context(), name, bytes.NewReader(content)); !errors.Is(err, s3.ErrUnreachable) {
			t.Fatalf("without a network: %v", err)
		}
		proxy.Set(nil)
		s := with(time.Minute)
		if _, err := s.Stat(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("half of it is there: %v", err)
		}
		if _, err := s.Put(t.Context(), name, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if sent := proxy.Seen("PUT part"); sent != 2 {
			t.Errorf("%d parts were sent again, 2 were missing", sent)
		}
		holds(t, s, name, content)
		if left := names(t, dir); len(left) > 0 {
			t.Errorf("left %q", left)
		}
	})
}

// childBucket tells the test binary that it is the child to be killed: place, records
// and name.
const childBucket = "CUSTODY_S3_CHILD"

func TestMain(m *testing.M) {
	if child := strings.Fields(os.Getenv(childBucket)); len(child) == 3 {
		putAsChild(child[0], child[1], child[2])
	}
	os.Exit(m.Run())
}

func putAsChild(place, records, text string) {
	fail := func(err error) {
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	l, err := s3.ParseLocation(place)
	fail(err)
	name, err := evidence.ParseObjectName(text)
	fail(err)
	s, err := s3.New(s3.Options{Location: l, Credentials: s3test.Credentials(), Records: records, Parallel: 1})
	fail(err)
	_, err = s.Put(context.Background(), name, bytes.NewReader(contentOf(name, 40<<20)))
	fail(err)
	fmt.Println("stored")
	os.Exit(0)
}

// TestEngineKilledPut kills the process in the middle of a Put; the next one goes on.
func TestEngineKilledPut(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		proxy, dir := s3test.NewProxy(t, server), t.TempDir()
		l := proxy.Before(server.NewBucket(t, true))
		name := evidence.NewObjectName()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childBucket+"="+l.String()+" "+dir+" "+name.String())
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		proxy.Set(func(op string, n int) s3test.Fault {
			if op == "PUT part" && n == 4 {
				child.Process.Kill()
				return s3test.Refuse
			}
			return s3test.None
		})
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for said := bufio.NewScanner(out); said.Scan(); {
			t.Errorf("child: %s", said.Text())
		}
		if err := child.Wait(); err == nil {
			t.Error("the child was not killed")
		}
		proxy.Set(nil)
		s := open(t, l, func(o *s3.Options) { o.Records = dir })
		if _, err := s.Put(t.Context(), name, bytes.NewReader(contentOf(name, 40<<20))); err != nil {
			t.Fatal(err)
		}
		if sent := proxy.Seen("PUT part"); sent != 2 {
			t.Errorf("%d parts were sent again, 2 were missing", sent)
		}
		holds(t, s, name, contentOf(name, 40<<20))
	})
}

// TestEngineServerKilled kills the server again and again while several write: what
// was acknowledged is there. What was not may fail, as something that has a name.
func TestEngineServerKilled(t *testing.T) {
	eachServer(t, func(t *testing.T, server *s3test.Server) {
		s := open(t, server.NewBucket(t, true), func(o *s3.Options) { o.Patience = time.Minute })
		var mu sync.Mutex
		stored := map[evidence.ObjectName]int{}
		var writers sync.WaitGroup
		round := make(chan struct{})
		for i := range 4 {
			writers.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-round:
						return
					default:
					}
					name, size := evidence.NewObjectName(), []int{100, 3 << 20, 17 << 20}[(n+i)%3]
					_, err := s.Put(t.Context(), name, bytes.NewReader(contentOf(name, size)))
					if errors.Is(err, s3.ErrLost) || errors.Is(err, s3.ErrUnreachable) || errors.Is(err, s3.ErrBusy) {
						continue
					}
					if err != nil {
						t.Errorf("put of %d bytes: %v", size, err)
						continue
					}
					mu.Lock()
					stored[name] = size
					mu.Unlock()
				}
			})
		}
		count := func() int { mu.Lock(); defer mu.Unlock(); return len(stored) }
		for range 3 {
			for before, ticks := count(), time.NewTicker(5*time.Millisecond); count() < before+4; {
				<-ticks.C // until it has stored more, so that it is in the middle of something
			}
			server.Kill()
			server.Restart(t)
		}
		close(round)
		writers.Wait()
		for name, size := range stored {
			holds(t, s, name, contentOf(name, size))
		}
	})
}
