package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/keyfile/keyfiletest"
)

// Scripts run these programs. Each is this test binary in a process of its own.
//
//	custody ARGS…            the tool, with key files that are cheap to open
//	measured ARGS…           the same, which says at its end how much memory it took
//	fake ARGS…               a tool with verbs of its own that print what reached them
//	withfd FILE PROGRAM …    PROGRAM with FILE open as file descriptor 3 (not on Windows)
//	world DIR                writes packages and trust lists of made-up states into DIR
//	clock DIR                a timestamp authority; its certificate and address are in DIR
//	ledgers DIR              writes ledgers into DIR, one of which lies, and their key
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"custody": func() {
			keyfiletest.Cheap()
			os.Args = append(os.Args, onEngines(os.Args[1:])...)
			os.Args = append(os.Args, onChannel(os.Args[1:])...)
			main()
		},
		"measured": measured,
		"fake":     func() { os.Exit(run(os.Args[1:], ui.OS(), fakeVerbs)) },
		"withfd":   withFD,
		"world":    makeWorld,
		"ledgers":  makeLedgers,
		"clock":    makeClock,
	})
}

// Scripts have these commands of their own, beside those of testscript:
//
//	exits CODE PROGRAM ARGS…      run PROGRAM; its exit code must be CODE
//	flip FILE OFFSET              invert the byte at OFFSET; below 0 counts from the end
//	truncate FILE SIZE            cut FILE to SIZE bytes; below 0 cuts that many off its end
//	[!] jsonpath FILE .a.0.b VALUE   some line of JSON in FILE (or stdout, stderr) has VALUE there;
//	                              a VALUE of ? is any
//	waitfile FILE                 until FILE is there, ten seconds at most: for background programs
//	[!] conforms SCHEMA FILE      every line of FILE is JSON that spec/schema/SCHEMA.schema.json allows
//	snapshot DIR FILE             write the names and digests of everything below DIR to FILE
//	jsonenv VAR FILE .a.0.b       set VAR to what stands there in the first line that has it
//	many DIR N                    make a folder of N small files
//	verdict FILE OUT              write to OUT what each check of the verdict in FILE came to
func TestScripts(t *testing.T) { testscript.Run(t, scripts("testdata")) }

// scripts are the scripts in a folder and what they may call.
func scripts(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			if err := linkNode(env.Getenv("PATH")); err != nil {
				return err
			}
			home := filepath.Join(env.WorkDir, "user")
			env.Setenv("HOME", home)
			env.Setenv("USERPROFILE", home)
			env.Setenv("CUSTODY_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("CUSTODY_PASSPHRASE_COMMAND", "")
			env.Setenv("CUSTODY_NODE", "")
			env.Setenv("CUSTODY_PROGRESS", "off")
			env.Setenv("TZ", "UTC")
			return os.Mkdir(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    scriptExits,
			"flip":     scriptFlip,
			"truncate": scriptTruncate,
			"jsonpath": scriptJSONPath,
			"jsonenv":  scriptJSONEnv,
			"waitfile": scriptWaitFile,
			"conforms": scriptConforms,
			"snapshot": scriptSnapshot,
			"verdict":  scriptVerdict,
			"many":     scriptMany,
		},
	}
}

// nodeProgram is built once for all scripts.
var nodeProgram struct {
	once sync.Once
	err  error
}

// linkNode puts custodyd where the scripts' custody is, the first folder of path.
func linkNode(path string) error {
	nodeProgram.once.Do(func() {
		to := filepath.Join(filepath.SplitList(path)[0], "custodyd"+exeEnding)
		if out, err := exec.Command("go", "build", "-o", to, "../custodyd").CombinedOutput(); err != nil {
			nodeProgram.err = fmt.Errorf("custodyd: %w: %s", err, out)
		}
	})
	return nodeProgram.err
}

// withFD runs a program with a file as descriptor 3.
func withFD() {
	f, err := os.Open(os.Args[1])
	if err == nil {
		cmd := exec.Command(os.Args[2], os.Args[3:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		cmd.ExtraFiles = []*os.File{f}
		err = cmd.Run()
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "withfd:", err)
		os.Exit(99)
	}
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func scriptFlip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip FILE OFFSET")
	}
	path, b := scriptFile(ts, args[0])
	i := scriptOffset(ts, args[1], len(b))
	if i >= len(b) {
		ts.Fatalf("%s has %d bytes", args[0], len(b))
	}
	b[i] ^= 0xff
	ts.Check(os.WriteFile(path, b, 0o600))
}

func scriptTruncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE SIZE")
	}
	path, b := scriptFile(ts, args[0])
	ts.Check(os.Truncate(path, int64(scriptOffset(ts, args[1], len(b)))))
}

func scriptWaitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfile FILE")
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for tries := 0; tries < 2000; tries++ {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		<-look.C
	}
	ts.Fatalf("%s did not come", args[0])
}

func scriptFile(ts *testscript.TestScript, name string) (path string, b []byte) {
	path = ts.MkAbs(name)
	b, err := os.ReadFile(path)
	ts.Check(err)
	return path, b
}

func scriptOffset(ts *testscript.TestScript, s string, size int) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	if n < 0 {
		n += size
	}
	if n < 0 {
		ts.Fatalf("offset %s of %d bytes", s, size)
	}
	return n
}

func scriptJSONPath(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: jsonpath FILE .a.b VALUE")
	}
	found := jsonAt(ts, args[0], args[1])
	for _, v := range found {
		if v == args[2] || args[2] == "?" {
			if neg {
				ts.Fatalf("%s has %s at %s", args[0], v, args[1])
			}
			return
		}
	}
	if !neg {
		ts.Fatalf("%s has %q at %s, not %s", args[0], found, args[1], args[2])
	}
}

func scriptJSONEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: jsonenv VAR FILE .a.b")
	}
	found := jsonAt(ts, args[1], args[2])
	if len(found) == 0 {
		ts.Fatalf("%s has nothing at %s", args[1], args[2])
	}
	ts.Setenv(args[0], found[0])
}

// jsonAt returns what stands at path in each line of JSON that has it. Strings
// are as they are, everything else is JSON.
func jsonAt(ts *testscript.TestScript, file, path string) []string {
	var found []string
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	dec.UseNumber()
	for dec.More() {
		var v any
		if err := dec.Decode(&v); err != nil {
			ts.Fatalf("%s is no JSON: %v", file, err)
		}
		if at, ok := step(v, path); ok {
			found = append(found, at)
		}
	}
	return found
}

// step follows a path such as .items.0.size into v.
func step(v any, path string) (string, bool) {
	for _, name := range strings.Split(strings.TrimPrefix(path, "."), ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[name]
			if !ok {
				return "", false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return "", false
			}
			v = in[i]
		default:
			return "", false
		}
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", false
	}
	return strings.TrimSpace(b.String()), true
}

func TestStep(t *testing.T) {
	v := map[string]any{"a": []any{map[string]any{"b": "x"}, json.Number("3")}, "n": nil}
	for path, want := range map[string]string{".a.0.b": "x", ".a.1": "3", ".n": "null", ".a.0": `{"b":"x"}`} {
		if got, ok := step(v, path); !ok || got != want {
			t.Errorf("%s: %q, %v", path, got, ok)
		}
	}
	for _, path := range []string{".b", ".a.2", ".a.-1", ".a.x", ".a.0.b.c"} {
		if got, ok := step(v, path); ok {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// Every verb that a person sees is run by at least one script.
func TestEveryVerbHasAScript(t *testing.T) {
	app := newTool(ui.Streams{}, verbs).app
	seen := make(map[*cli.Command]bool)
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range files {
		archive, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(string(archive.Comment), "\n") {
			if v := verbOf(app, l); v != nil {
				seen[v] = true
			}
		}
	}
	walk(app.Commands, func(at []*cli.Command) {
		if v := at[len(at)-1]; len(v.Subcommands) == 0 && !hidden(at) && !seen[v] {
			t.Errorf("no script runs %s", path(at))
		}
	})
}

// verbOf returns the verb that a line of a script runs, or nil.
func verbOf(app *cli.App, line string) *cli.Command {
	words := strings.Fields(line)
	for i, w := range words {
		if w != "custody" || strings.HasPrefix(words[0], "#") {
			continue
		}
		plain, _, _ := split(words[i+1:], arity(app))
		if at, _, err := findVerb(app, plain); err == nil {
			return at[len(at)-1]
		}
	}
	return nil
}

func TestVerbOf(t *testing.T) {
	app := newTool(ui.Streams{}, verbs).app
	for l, want := range map[string]string{
		"exits 0 custody --json --home x version": "version",
		"! exec custody help seal":                "help",
		"# custody version":                       "",
		"exec cat custody":                        "",
		"withfd f custody completion bash &":      "completion",
	} {
		got := ""
		if v := verbOf(app, l); v != nil {
			got = v.Name
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
}
