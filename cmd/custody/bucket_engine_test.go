//go:build engines

package main

import (
	"path/filepath"
	"testing"

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
//	fault FAULT OP    from here on requests OP (as "PUT part") meet FAULT: hangup, refuse, busy,
//	            pretend, lie or gullible; none ends it
func bucketScripts(t *testing.T, server *s3test.Server, dir string) testscript.Params {
	p := scripts(dir)
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("AWS_ACCESS_KEY_ID", s3test.Key)
		env.Setenv("AWS_SECRET_ACCESS_KEY", s3test.Secret)
		proxy := s3test.NewProxy(t, server)
		env.Values[proxyValue] = proxy
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
	p.Cmds["fault"] = scriptFault
	return p
}

type proxyKey struct{}

var proxyValue proxyKey

var proxyFaults = map[string]s3test.Fault{
	"none": s3test.None, "hangup": s3test.HangUp, "refuse": s3test.Refuse, "busy": s3test.Busy,
	"pretend": s3test.Pretend, "lie": s3test.Lie, "gullible": s3test.Gullible,
}

func scriptFault(ts *testscript.TestScript, neg bool, args []string) {
	fault, known := s3test.None, false
	if len(args) > 0 {
		fault, known = proxyFaults[args[0]]
	}
	if neg || !known || len(args) > 2 {
		ts.Fatalf("usage: fault none, or fault FAULT OP")
	}
	ts.Value(proxyValue).(*s3test.Proxy).Set(func(op string, _ int) s3test.Fault {
		if len(args) == 1 || op == args[1] {
			return fault
		}
		return s3test.None
	})
}
