package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/ui"
)

// runFake runs a command line of the fake tool.
func runFake(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = run(args, ui.Streams{In: strings.NewReader(""), Out: &o, Err: &e}, fakeVerbs)
	return o.String(), e.String(), code
}

func TestLines(t *testing.T) {
	const plain = `write dry-run=false case= photo=[] copies=1 when=now json=false quiet=false `
	for _, tt := range []struct{ line, want string }{
		{`write a`, plain + `args=["a"]`},
		{`w a b`, plain + `args=["a" "b"]`},
		{`write a --dry-run`, strings.Replace(plain, "false", "true", 1) + `args=["a"]`},
		{`write a --dry-run=false`, plain + `args=["a"]`},
		{`write a -dry-run`, strings.Replace(plain, "false", "true", 1) + `args=["a"]`},
		{`write -- a --dry-run`, plain + `args=["a" "--dry-run"]`},
		{`write a -- -x -- y`, plain + `args=["a" "-x" "--" "y"]`},
		{`write -`, plain + `args=["-"]`},
		{`write -5`, plain + `args=["-5"]`},
		{`write -1.5s`, plain + `args=["-1.5s"]`},
		{`write help`, plain + `args=["help"]`},
		{`write h`, plain + `args=["h"]`},
		{`write copies --copies 3`, strings.Replace(plain, "copies=1", "copies=3", 1) + `args=["copies"]`},
		{`write a --copies -2`, strings.Replace(plain, "copies=1", "copies=-2", 1) + `args=["a"]`},
		{`write a --case=--dry-run`, strings.Replace(plain, "case=", "case=--dry-run", 1) + `args=["a"]`},
		{`write a --case= -q`, strings.Replace(plain, "quiet=false", "quiet=true", 1) + `args=["a"]`},
		{`write a --case x=y`, strings.Replace(plain, "case=", "case=x=y", 1) + `args=["a"]`},
		{`write a -c x --case x`, strings.Replace(plain, "case=", "case=x", 1) + `args=["a"]`},
		{`write --photo p,1.jpg a --photo p2 b`, strings.Replace(plain, "[]", `["p,1.jpg" "p2"]`, 1) + `args=["a" "b"]`},
		{`--case x write a --when later`, strings.NewReplacer("case=", "case=x", "=now", "=later").Replace(plain) + `args=["a"]`},
		{`--color never write a`, plain + `args=["a"]`},
		{`write a --quiet --json --quiet`, strings.NewReplacer("json=false", "json=true", "quiet=false", "quiet=true").Replace(plain) + `args=["a"]`},
		{`group new a b --to BB`, `new to=BB ref= dry-run=false json=false quiet=false args=["a" "b"]`},
		{`--to BB group --ref R new a b --dry-run`, `new to=BB ref=R dry-run=true json=false quiet=false args=["a" "b"]`},
		{`group new a --ref R --to BB b`, `new to=BB ref=R dry-run=false json=false quiet=false args=["a" "b"]`},
		{`group --json list`, `list ref= json=true quiet=false args=[]`},
		{`maybe`, `maybe json=false quiet=false args=[]`},
		{`maybe x`, `maybe json=false quiet=false args=["x"]`},
	} {
		out, errs, code := runFake(strings.Fields(tt.line)...)
		if strings.TrimSuffix(out, "\n") != tt.want || code != 0 || errs != "" {
			t.Errorf("%s\n got %swant %s\nexit %d, stderr %q", tt.line, out, tt.want, code, errs)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for _, tt := range []struct{ line, what, do string }{
		{``, "no verb was given", "custody help lists the verbs"},
		{`-q`, "no verb was given", "custody tour"},
		{`-- write a`, "no verb was given", "custody help"},
		{`wirte a`, `"wirte" is not a verb of custody`, "did you mean: custody write?"},
		{`collect a`, `"collect" is not a verb of custody`, "custody help"},
		{`disk.e01 write`, `"disk.e01" is not a verb`, "custody help"},
		{`group`, "custody group needs one of: new, list", "custody help group"},
		{`group --`, "custody group needs one of: new, list", "custody help group"},
		{`group -- new a b`, "custody group needs one of: new, list", "custody help group"},
		{`group nwe a b`, `"nwe" is not a verb of custody group`, "did you mean: custody group new?"},
		{`write`, "custody write needs PATH…", "custody help write"},
		{`write --dry-run`, "custody write needs PATH…", "custody help write"},
		{`write a --dryrun`, "custody write has no flag --dryrun", "did you mean --dry-run?"},
		{`write a -x`, "custody write has no flag -x; an argument that begins with a hyphen stands after --", "custody help write"},
		{`look --dry-run`, "custody look has no flag --dry-run", "custody help look"},
		{`look --to X`, "custody look has no flag --to", "custody help look"},
		{`write a ---`, "custody write has no flag --", "custody help write"},
		{`write a --case`, "--case needs a value", "custody help write"},
		{`write a --case --dry-run`, "--case needs a value; one that begins with a hyphen is written --case=-…", "custody help write"},
		{`write a --case -- b`, "--case needs a value", "custody help write"},
		{`write a --case x --case y`, `--case is given twice with different values, "x" and "y"`, "give it once"},
		{`write a --case x -c y`, `-c is given twice`, "give it once"},
		{`write a --dry-run --dry-run=false`, `twice`, "give it once"},
		{`write a --copies many`, `invalid value "many" for flag --copies`, "custody help write"},
		{`write a --dry-run=perhaps`, `invalid boolean value "perhaps" for --dry-run`, "custody help write"},
		{`write a --when never`, `it is one of [now later]`, "custody help write"},
		{`write a --color blue`, `it is one of [auto always never]`, "custody help write"},
		{`write a --passphrase-fd x`, `passphrase-fd`, "custody help write"},
		{`look x`, `custody look takes no argument, and "x" is one`, "custody help look"},
		{`look -- --json`, `custody look takes no argument, and "--json" is one`, "custody help look"},
		{`maybe x y`, `custody maybe takes [FILE], and "y" is one too many`, "custody help maybe"},
		{`group new a --to AA`, "custody group new needs FROM TO", "custody help group new"},
		{`group new a b c --to AA`, `and "c" is one too many`, "custody help group new"},
		{`group new a b`, "custody group new needs --to", "custody help group new"},
		{`look --yes=5`, `invalid boolean value "5" for --yes`, ""},
		{`look --help=5`, `custody look has no flag --help`, ""},
		{`break usage`, "--this goes with --that", "give --that"},
	} {
		out, errs, code := runFake(strings.Fields(tt.line)...)
		if code != ui.ExitUsage || out != "" || !strings.Contains(errs, tt.what) || !strings.Contains(errs, tt.do) || strings.Count(errs, "\n") != 3 {
			t.Errorf("%s: exit %d\n%s%s", tt.line, code, out, errs)
		}
	}
}

// A required flag may come from its environment variable.
func TestRequiredFromEnvironment(t *testing.T) {
	t.Setenv("CUSTODY_FAKE_TO", "CC")
	out, errs, code := runFake("group", "new", "a", "b")
	if code != 0 || !strings.HasPrefix(out, "new to=CC") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// The order of flags, and of flags against arguments, changes nothing.
func TestAnyOrder(t *testing.T) {
	parts := [][]string{{"write"}, {"a.raw"}, {"--dry-run"}, {"--case", "C 1"}, {"--photo=p"}, {"-q"}}
	want, _, _ := runFake(slices.Concat(parts...)...)
	if !strings.HasPrefix(want, `write dry-run=true case=C 1 photo=["p"]`) || !strings.Contains(want, `quiet=true args=["a.raw"]`) {
		t.Fatalf("straight: %s", want)
	}
	permute(parts, func(p [][]string) {
		words := slices.Concat(p...)
		if slices.Index(words, "write") > slices.Index(words, "a.raw") {
			return // the verb is the first word
		}
		if got, errs, code := runFake(words...); got != want || code != 0 {
			t.Errorf("%q: exit %d\n%s%s", words, code, got, errs)
		}
	})
}

// permute calls visit with every order of parts.
func permute(parts [][]string, visit func([][]string)) {
	var rec func(int)
	rec = func(k int) {
		if k == len(parts) {
			visit(parts)
			return
		}
		for i := k; i < len(parts); i++ {
			parts[k], parts[i] = parts[i], parts[k]
			rec(k + 1)
			parts[k], parts[i] = parts[i], parts[k]
		}
	}
	rec(0)
}

// No word is lost or made up: what arrange keeps, urfave/cli sees, and a word
// that looks like a flag is a flag of the verb or stands behind "--".
func FuzzArrange(f *testing.F) {
	for _, seed := range []string{"write a --dry-run", "--case\nx\nwrite", "group\nnew\n--to\nX", "write\n--\n-x", "write\n---=\n-=", "-\n--=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Split(text, "\n")
		app := newTool(ui.Streams{}, fakeVerbs).app
		l, err := arrange(app, words)
		if err != nil {
			var p *ui.Problem
			if !errors.As(err, &p) || ui.ExitCode(err) != ui.ExitUsage {
				t.Fatalf("%q: %v is no usage problem", words, err)
			}
			return
		}
		if l.help || l.version {
			return
		}
		argv := l.argv("custody")
		again, err := arrange(app, argv[1:])
		if err != nil || !slices.Equal(again.argv("custody"), argv) {
			t.Fatalf("%q became %q, and that %q, %v", words, argv, again.argv("custody"), err)
		}
		for _, a := range l.args {
			if !slices.Contains(words, a) {
				t.Fatalf("%q: argument %q was made up", words, a)
			}
			if looksLikeFlag(a) && !slices.Contains(words, "--") {
				t.Fatalf("%q: %q is an argument", words, a)
			}
		}
	})
}

func TestArgCount(t *testing.T) {
	for usage, want := range map[string][2]int{
		"": {0, 0}, "FILE": {1, 1}, "[FILE]": {0, 1}, "PATH…": {1, -1}, "[PATH…]": {0, -1},
		"FROM TO": {2, 2}, "FROM [TO]": {1, 2}, "ITEM [FILE|DIR…]": {1, -1}, "[A…] B": {1, -1},
	} {
		if least, most := argCount(usage); least != want[0] || most != want[1] {
			t.Errorf("%q: %d to %d", usage, least, most)
		}
	}
}

func TestOtherWords(t *testing.T) {
	app := newTool(ui.Streams{}, []verb{writeVerb}).app
	app.Commands[0].Name = "seal"
	if got := nearestVerb(app.Commands, "collect"); got != "seal" {
		t.Errorf("collect is %q here", got)
	}
	if got := nearestVerb(app.Commands, "transfer"); got != "" {
		t.Errorf("a verb that does not exist is offered: %q", got)
	}
}
