//go:build engines

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/evidence/store/s3/s3test"
)

// What only a bucket can do, and what is said when it fails.
func TestEngineBucketScripts(t *testing.T) {
	for _, kind := range s3test.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			server := s3test.Start(t, kind)
			testscript.Run(t, bucketScripts(t, server, filepath.Join("testdata", "bucket")))
		})
	}
}

// bucketScripts are scripts with the owner's credentials, and with
//
//	STORE       a bucket with object lock; UNLOCKED and PLAIN: with versions alone, without
//	NEW         a bucket that nobody has made yet
//	PROXY       STORE behind a proxy, which fails as the command says:
//	fault FAULT OP [N]  from here on requests OP (as "PUT part"), from the Nth, meet FAULT:
//	            hangup, stall, refuse, busy, pretend, lie or gullible; none ends it
//	answered N OP  until the server has done N requests OP since the last fault
//	asked N OP  since then it was asked for N
//	says FILE REGEXP  until a program in the background has written that
//	locked LOCK…  the server has an object of STORE under each LOCK, and no other: DAYS:held
//	            or DAYS:free, whether it is on legal hold
func bucketScripts(t *testing.T, server *s3test.Server, dir string) testscript.Params {
	p := scripts(dir)
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("AWS_ACCESS_KEY_ID", s3test.Key)
		env.Setenv("AWS_SECRET_ACCESS_KEY", s3test.Secret)
		proxy := s3test.NewProxy(t, server)
		env.Values[proxyValue], env.Values[serverValue] = proxy, server
		l := server.NewBucket(t, true)
		env.Setenv("STORE", l.String())
		env.Setenv("PROXY", proxy.Before(l).String())
		env.Setenv("PLAIN", server.NewBucket(t, false).String())
		fresh := l
		fresh.Bucket += "-new"
		env.Setenv("NEW", fresh.String())
		unlocked := server.NewBucket(t, false)
		env.Setenv("UNLOCKED", unlocked.String())
		if err := server.Client(t).EnableVersioning(t.Context(), unlocked.Bucket); err != nil {
			return err
		}
		return setup(env)
	}
	p.Cmds["fault"], p.Cmds["answered"], p.Cmds["asked"] = scriptFault, scriptAnswered, scriptAsked
	p.Cmds["locked"], p.Cmds["says"] = scriptLocked, scriptSays
	return p
}

type proxyKey struct{}

var proxyValue proxyKey

var proxyFaults = map[string]s3test.Fault{
	"none": s3test.None, "hangup": s3test.HangUp, "stall": s3test.Stall, "refuse": s3test.Refuse, "busy": s3test.Busy,
	"pretend": s3test.Pretend, "lie": s3test.Lie, "gullible": s3test.Gullible,
}

func scriptFault(ts *testscript.TestScript, neg bool, args []string) {
	fault, known := s3test.None, false
	if len(args) > 0 {
		fault, known = proxyFaults[args[0]]
	}
	if neg || !known || len(args) > 3 {
		ts.Fatalf("usage: fault none, or fault FAULT OP [N]")
	}
	from := 1
	if len(args) == 3 {
		var err error
		from, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	proxyOf(ts).Set(func(op string, n int) s3test.Fault {
		if len(args) == 1 || op == args[1] && n >= from {
			return fault
		}
		return s3test.None
	})
}

func scriptAnswered(ts *testscript.TestScript, neg bool, args []string) {
	n, op := countOf(ts, neg, args)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for tries := 0; proxyOf(ts).Done(op) < n; tries++ {
		if tries == 12000 { // a minute
			ts.Fatalf("the server has done %s %d times of %d", op, proxyOf(ts).Done(op), n)
		}
		<-look.C
	}
}

func scriptAsked(ts *testscript.TestScript, neg bool, args []string) {
	n, op := countOf(ts, neg, args)
	if got := proxyOf(ts).Seen(op); got != n {
		ts.Fatalf("%s was asked %d times, want %d", op, got, n)
	}
}

func scriptSays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: says FILE REGEXP")
	}
	want, err := regexp.Compile(args[1])
	ts.Check(err)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range 12000 { // a minute
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && want.Match(b) {
			return
		}
		<-look.C
	}
	b, _ := os.ReadFile(ts.MkAbs(args[0]))
	ts.Fatalf("%s says %q", args[0], b)
}

func countOf(ts *testscript.TestScript, neg bool, args []string) (n int, op string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: answered N OP, asked N OP")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	return n, args[1]
}

func proxyOf(ts *testscript.TestScript) *s3test.Proxy { return ts.Value(proxyValue).(*s3test.Proxy) }
