package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/spec"
)

// runTool runs a command line of the real tool.
func runTool(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = run(args, ui.Streams{In: strings.NewReader(""), Out: &o, Err: &e}, verbs)
	return o.String(), e.String(), code
}

func TestVerbHelp(t *testing.T) {
	want := `custody write: pretend to write

Usage: custody write [flags] PATH…

Flags
  --dry-run              show what would be signed and written, and do nothing
  --case REFERENCE, -c   the REFERENCE of the proceeding
  --photo FILE           a FILE; may be given several times
  --copies VALUE         how many (1)
  --when WHEN            WHEN (now)

Examples
  fake write disk.e01

Flags may stand anywhere on the line. custody help shows those of every verb,
custody help exit-codes what a script can rely on.
`
	want = strings.ReplaceAll(want, "  --", "\x00")
	for _, line := range []string{"help write", "write --help", "write -h", "write a --help", "--help write", "help w", "write --bogus --help", "write --case --help"} {
		got, errs, code := runFake(strings.Fields(line)...)
		got = strings.ReplaceAll(got, "  --", "\x00")
		if squeeze(got) != squeeze(want) || errs != "" || code != 0 {
			t.Errorf("%s: exit %d, %s\n%s", line, code, errs, got)
		}
	}
	got, _, _ := runFake("help", "group", "new")
	if !strings.Contains(got, "Usage: custody group new --to STATE [flags] FROM TO\n") ||
		!strings.Contains(got, "(required) [CUSTODY_FAKE_TO]") {
		t.Errorf("a required flag is not in its place:\n%s", got)
	}
	got, _, _ = runFake("group", "--help")
	if !strings.Contains(got, "Usage: custody group VERB [flags]\n") || !strings.Contains(got, "  list  list them\n") {
		t.Errorf("subverbs are missing:\n%s", got)
	}
}

// squeeze makes every run of spaces one.
func squeeze(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

// Every page there is can be printed, fits its width, and ends in a newline.
func TestHelpPages(t *testing.T) {
	pages := [][]string{{}}
	for _, n := range topicNames() {
		pages = append(pages, []string{n})
	}
	for _, n := range formatPages() {
		pages = append(pages, []string{"formats", n}, []string{"formats", n + ".md"})
	}
	for _, e := range ui.Entries() {
		pages = append(pages, []string{string(e.Code)}, []string{strings.ToLower(string(e.Code))})
	}
	walk(tree().app.Commands, func(at []*cli.Command) { pages = append(pages, strings.Fields(path(at))[1:]) })
	for _, p := range pages {
		out, errs, code := runTool(append([]string{"help"}, p...)...)
		if code != 0 || errs != "" || !strings.HasSuffix(out, "\n") || strings.HasSuffix(out, "\n\n") {
			t.Errorf("help %s: exit %d, %s", p, code, errs)
		}
		for _, l := range strings.Split(out, "\n") {
			if n := len([]rune(l)); n > lineWidth+24 && len(p) < 2 {
				t.Errorf("help %s: a line of %d characters: %s", p, n, l)
			}
		}
	}
}

func TestHelpUnknown(t *testing.T) {
	for line, want := range map[string]string{
		"help versoin":        "did you mean: custody help version?",
		"help e-disk-ful":     "did you mean: custody help E-DISK-FULL?",
		"help exitcodes":      "did you mean: custody help exit-codes?",
		"help zzzzzz":         "custody help lists verbs and topics",
		"help version x":      "did you mean: custody help version?",
		"help terms x":        "custody help",
		"help formats x":      "custody help formats lists the pages",
		"help formats leaf x": "custody help formats lists the pages",
	} {
		out, errs, code := runTool(strings.Fields(line)...)
		if code != ui.ExitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d\n%s%s", line, code, out, errs)
		}
	}
}

// The page of terms has every word of the specification's table.
func TestTermsPage(t *testing.T) {
	page := termsPage()
	for _, word := range []string{"item", "record", "seal", "receipt", "checkpoint, cosignature", "trust list", "desk, home"} {
		if !strings.Contains(page, "\n  "+word) {
			t.Errorf("%q is missing", word)
		}
	}
	if strings.Contains(page, "|") || strings.Contains(page, "*") {
		t.Errorf("markup is left:\n%s", page)
	}
}

func TestVersion(t *testing.T) {
	out, _, code := runTool("--version")
	if code != 0 || !strings.HasPrefix(out, "custody ") {
		t.Errorf("exit %d: %s", code, out)
	}
	again, _, _ := runTool("version")
	if again != out {
		t.Errorf("version and --version differ: %s", again)
	}
	for _, page := range formatPages() {
		if !strings.Contains(out, page+" 1") {
			t.Errorf("format %s is missing: %s", page, out)
		}
	}
	if _, err := spec.Pages.ReadFile("leaf.md"); err != nil || !slices.Contains(formatPages(), "leaf") {
		t.Errorf("format pages are %v", formatPages())
	}
}

func TestManual(t *testing.T) {
	markdown := manualPage(newTool(ui.Streams{}, fakeVerbs).app)
	for _, want := range []string{"# NAME", "## custody group new --to STATE [flags] FROM TO", "**--to STATE**", "    fake write disk.e01", "# EXIT STATUS", "  130  interrupted", "CUSTODY_HOME", "E-DISK-FULL"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("%q is not in the manual", want)
		}
	}
	if strings.Contains(markdown, "__complete") {
		t.Error("a hidden verb is in the manual")
	}
	man, errs, code := runTool("manual")
	if code != 0 || !strings.Contains(man, `.TH CUSTODY 1`) || !strings.Contains(man, ".SH NAME") {
		t.Errorf("exit %d, %s: %.200s", code, errs, man)
	}
}

func TestWrap(t *testing.T) {
	if got := wrap("aa bb  cc\ndd", 5, "> "); got != "aa bb\n> cc dd" {
		t.Errorf("%q", got)
	}
	if got := wrap("ééé verylongword x", 4, ""); got != "ééé\nverylongword\nx" {
		t.Errorf("%q", got)
	}
}
