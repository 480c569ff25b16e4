package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// readers are the visible verbs that write nothing into home, ledger or store,
// and so need no --dry-run. A verb that is not here has the flag.
var readers = []string{
	"completion", "help", "version",
	"key list", "request match list", "request which", "request clocks", "request limits", "request print", "key card", "trust show", "trust verify", "standard list", "standard show", "standard diff", "show", "list", "history", "label", "inspect", "verify", "open", "convert", "doctor", "audit",
	"tour", // works in a folder of its own
}

// tree builds the tool as it is released.
func tree() *tool {
	return newTool(ui.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, verbs)
}

// leaves calls visit for every verb that can be run, with the path to it.
func leaves(t *tool, visit func(at []*cli.Command)) {
	walk(t.app.Commands, func(at []*cli.Command) {
		if len(at[len(at)-1].Subcommands) == 0 {
			visit(at)
		}
	})
}

// Every verb that has --dry-run honours it in the last place, behind arguments.
func TestDryRunLast(t *testing.T) {
	for name, constructors := range map[string][]verb{"the tool": verbs, "the fake": fakeVerbs} {
		tested := 0
		leaves(newTool(ui.Streams{}, constructors), func(at []*cli.Command) {
			if flagNamed(at[len(at)-1].Flags, "dry-run") == nil {
				return
			}
			tested++
			seen, ran := dryRunSeen(t, constructors, at)
			if !ran || !seen {
				t.Errorf("%s: %s … --dry-run: ran %v, dry run %v", name, path(at), ran, seen)
			}
		})
		if name == "the fake" && tested != 2 {
			t.Errorf("%d verbs of the fake were tested, want 2", tested)
		}
	}
}

// dryRunSeen runs a line for the verb at the end of at, all it requires and
// --dry-run last, with an action that only looks.
func dryRunSeen(t *testing.T, constructors []verb, at []*cli.Command) (seen, ran bool) {
	tool := newTool(ui.Streams{Out: io.Discard, Err: io.Discard}, constructors)
	level, words := tool.app.Commands, []string(nil)
	var leaf *cli.Command
	for _, c := range at {
		leaf = byName(level, c.Name)
		level, words = leaf.Subcommands, append(words, c.Name)
	}
	leaf.Before = nil
	leaf.Action = func(c *cli.Context) error {
		ran, seen = true, c.Bool("dry-run")
		return nil
	}
	for _, f := range leaf.Flags {
		if r, ok := f.(cli.RequiredFlag); ok && r.IsRequired() {
			words = append(words, "--"+f.Names()[0], sampleValue(f))
		}
	}
	least, most := argCount(leaf.ArgsUsage)
	if most < 0 {
		least = max(least, 1)
	}
	for i := range max(least, most) {
		words = append(words, fmt.Sprintf("argument-%d", i))
	}
	if err := tool.run(t.Context(), append(words, "--dry-run")); err != nil {
		t.Errorf("%s: %v", words, err)
	}
	return seen, ran
}

// sampleValue is a value that f accepts.
func sampleValue(f cli.Flag) string {
	switch f := f.(type) {
	case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag, *cli.Uint64Flag, *cli.Float64Flag:
		return "1"
	case *cli.DurationFlag:
		return "1h"
	case *cli.TimestampFlag:
		return f.Layout
	case *cli.GenericFlag:
		if c, ok := f.Value.(*choice); ok {
			return c.allowed[0]
		}
	}
	return "x"
}

func TestVerbs(t *testing.T) {
	tool := tree()
	walk(tool.app.Commands, func(at []*cli.Command) {
		v, name := at[len(at)-1], path(at)
		if strings.HasSuffix(v.Usage, ".") || v.Usage == "" || strings.ToLower(v.Usage[:1]) != v.Usage[:1] {
			t.Errorf("%s: usage %q is no short phrase", name, v.Usage)
		}
		if hidden(at) {
			return
		}
		if len(at) == 1 && !slices.Contains(groups, v.Category) {
			t.Errorf("%s: group %q is not in the list", name, v.Category)
		}
		if len(v.Subcommands) > 0 {
			return
		}
		if flagNamed(v.Flags, "dry-run") == nil && !slices.Contains(readers, strings.TrimPrefix(name, "custody ")) {
			t.Errorf("%s has no --dry-run and is not known to write nothing", name)
		}
		checkExamples(t, tool, v, name)
	})
}

// checkExamples holds the examples of a verb to the command tree.
func checkExamples(t *testing.T, tool *tool, v *cli.Command, name string) {
	t.Helper()
	for _, example := range examples(v) {
		words := strings.Fields(commandOf(example))
		if len(words) == 0 || words[0] != "custody" {
			t.Errorf("%s: example %q does not run custody", name, example)
			continue
		}
		if _, err := arrange(tool.app, words[1:]); err != nil {
			t.Errorf("%s: example %q: %v", name, example, err)
		}
	}
}

// quoted is a word in quotes, which may have spaces.
var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// commandOf returns what stands before a pipe, a redirection or a comment, with
// spaces inside quotes taken out.
func commandOf(example string) string {
	example = quoted.ReplaceAllStringFunc(example, func(q string) string { return strings.ReplaceAll(q, " ", "_") })
	before, _, _ := strings.Cut(example, " #")
	for _, sign := range []string{" | ", " || ", " > ", " && "} {
		before, _, _ = strings.Cut(before, sign)
	}
	return before
}

// A flag's name has one kind in the whole tree, and those of the tool are its
// own: the line is taken apart before the verb is known.
func TestFlagNames(t *testing.T) {
	tool := tree()
	takes := make(map[string]bool)
	owner := make(map[string]string)
	own := []string{"help", "h", "version"}
	for _, f := range tool.app.Flags {
		own = append(own, f.Names()...)
	}
	walk(tool.app.Commands, func(at []*cli.Command) {
		for _, f := range at[len(at)-1].Flags {
			for _, n := range f.Names() {
				if slices.Contains(own, n) {
					t.Errorf("%s --%s: the name belongs to the tool", path(at), n)
				}
				if before, ok := owner[n]; ok && takes[n] != takesValue(f) {
					t.Errorf("--%s takes a value in one of %s and %s", n, before, path(at))
				}
				takes[n], owner[n] = takesValue(f), path(at)
			}
			d, ok := f.(cli.DocGenerationFlag)
			if !ok || d.GetUsage() == "" || takesValue(f) && placeholder(f) == "VALUE" {
				t.Errorf("%s --%s: no usage, or no placeholder in backquotes", path(at), f.Names()[0])
			}
		}
	})
}

// Every variable that the source names is in `custody help environment`.
func TestEnvironmentIsComplete(t *testing.T) {
	page := environmentPage()
	files, err := filepath.Glob("../internal/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	own, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`"((?:CUSTODY|NO)_[A-Z_]+)"`)
	found := 0
	for _, f := range append(files, own...) {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllSubmatch(b, -1) {
			found++
			if !strings.Contains(page, string(m[1])) {
				t.Errorf("%s: %s is not in the help", f, m[1])
			}
		}
	}
	if found < 5 {
		t.Errorf("%d variables found in the source", found)
	}
}

// Every problem code that the source names is registered.
func TestCodesAreRegistered(t *testing.T) {
	code := regexp.MustCompile(`"(E-[A-Z0-9-]+)"`)
	for _, pattern := range []string{"*.go", "../internal/ui/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range code.FindAllSubmatch(b, -1) {
				if _, ok := ui.Lookup(ui.Code(m[1])); !ok {
					t.Errorf("%s: %s is not registered", f, m[1])
				}
			}
		}
	}
}

func TestPanicIsAProblem(t *testing.T) {
	out, errs, code := runFake("break", "panic")
	if code != ui.ExitFailed || out != "" || !strings.Contains(errs, "custody: error: broken invariant") || !strings.Contains(errs, "fake_test.go") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	_, errs, code = runFake("break", "panic", "--json")
	for _, l := range strings.Split(strings.TrimSpace(errs), "\n") {
		if !strings.HasPrefix(l, `{"message_type":`) {
			t.Errorf("exit %d: line %q is no JSON", code, l)
		}
	}
}

func TestExitCodesReachTheProcess(t *testing.T) {
	for _, tt := range []struct {
		how, errs string
		code      int
	}{
		{"authentic", "", 10},
		{"undecided", "custody: error: no trust list: could not be decided", 11},
		{"it", "custody: error: cannot break it", 1},
		{"confirm", "custody: error: not confirmed: go on?", 1},
	} {
		out, errs, code := runFake("break", tt.how)
		if code != tt.code || out != "" || !strings.HasPrefix(errs, tt.errs) || tt.errs == "" && errs != "" {
			t.Errorf("%s: exit %d, %q", tt.how, code, errs)
		}
	}
	if _, errs, code := runFake("break", "confirm", "--yes"); code != 0 {
		t.Errorf("--yes: exit %d, %s", code, errs)
	}
}

func TestHome(t *testing.T) {
	user := t.TempDir()
	t.Setenv("HOME", user)
	t.Setenv("USERPROFILE", user)
	work := t.TempDir()
	t.Chdir(work)
	for _, tt := range []struct{ flag, env, want string }{
		{"", "", filepath.Join(user, ".custody")},
		{"", "rel", filepath.Join(work, "rel")},
		{"flag", "env", filepath.Join(work, "flag")},
	} {
		t.Setenv("CUSTODY_HOME", tt.env)
		tool := newTool(ui.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, fakeVerbs)
		args := []string{"look"}
		if tt.flag != "" {
			args = append(args, "--home", tt.flag)
		}
		if code := tool.exit(t.Context(), args); code != 0 {
			t.Fatal(code)
		}
		if got, err := tool.needHome(); err != nil || got != tt.want {
			t.Errorf("%+v: home is %s, %v", tt, got, err)
		}
	}
	if _, err := (&tool{}).needHome(); ui.ExitCode(err) != ui.ExitUsage {
		t.Errorf("no home at all: %v", err)
	}
}
