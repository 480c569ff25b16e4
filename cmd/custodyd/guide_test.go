package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = "../.."

// alarmsOf says of each page whose words it is about: folders of our programs, kept lists
// of what foreign servers show (servertest.Exporter), and rules for Prometheus.
var alarmsOf = map[string]struct {
	folders []string
	list    string
	rules   string
	codes   *regexp.Regexp // which of the codes in the folders are this page's
}{
	"":         {folders: []string{"cmd/custodyd", "ledger/node"}, rules: "cmd/custodyd/alerts.yaml"},
	"trillian": {folders: []string{"cmd/custody"}, list: "ledger/trillianlog/testdata/alarms.txt", codes: regexp.MustCompile(`"(E-ENGINE-[A-Z-]+)"`)},
	"bucket":   {folders: []string{"cmd/custody"}, list: "evidence/store/s3/testdata/alarms.txt", codes: regexp.MustCompile(`"(E-STORE-[A-Z-]+)"`)},
	"channel":  {folders: []string{"cmd/custody-channel", "ledger/channel"}, list: "ledger/channel/guide/testdata/alarms.txt", codes: regexp.MustCompile(`"(E-[A-Z-]+)"`)},
}

// answered are codes that nobody is alarmed by: they answer a line that somebody typed.
var answered = map[string]bool{
	"E-ENGINE-LEDGER": true, "E-STORE-PLACE": true, "E-STORE-RETAINED": true, "E-STORE-LARGE": true,
}

var (
	firstColumn = regexp.MustCompile(`(?m)^\| (.+?) \|`)
	named       = regexp.MustCompile("`([^`]+)`|\\b(E-[A-Z-]+)")
	asked       = regexp.MustCompile(`(?m)^    SELECT .* AS (\w+)`)
	logged      = regexp.MustCompile(`[lL]og\.(?:Error|Warn)\("([^"]+)"`)
	rule        = regexp.MustCompile(`alert: (\w+)`)
	ownMetric   = regexp.MustCompile(`custody_node_[a-z_]+`)
)

// alarms returns what a page says to alarm on.
func alarms(t *testing.T, p page) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, row := range firstColumn.FindAllStringSubmatch(section(t, p, "What to alarm on"), -1) {
		for _, m := range named.FindAllStringSubmatch(row[1], -1) {
			all[m[1]+m[2]] = true
		}
	}
	if len(all) < 8 {
		t.Errorf("%s names %d alarms", p.file, len(all))
	}
	return all
}

// shown returns what a page may name that no source of ours says: what foreign servers
// show, what its lines of SQL answer, and its rules.
func shown(t *testing.T, p page) (all []string) {
	t.Helper()
	if list := alarmsOf[p.name].list; list != "" {
		for line := range strings.Lines(read(t, list)) {
			if words := strings.SplitN(strings.TrimSpace(line), " ", 3); words[0] != "#" {
				all = append(all, words[2])
			}
		}
	}
	for _, m := range asked.FindAllStringSubmatch(p.text, -1) {
		all = append(all, m[1])
	}
	return all
}

// Every line, code, metric and number that the pages say to alarm on is one that a
// program writes. Those of the node's metrics are looked for in ledger/node.
func TestAlarmsAreSaid(t *testing.T) {
	for _, p := range pages {
		of := alarmsOf[p.name]
		code, known := sources(t, of.folders...), map[string]bool{}
		for _, name := range shown(t, p) {
			known[name] = true
		}
		if of.rules != "" {
			for _, m := range rule.FindAllStringSubmatch(read(t, of.rules), -1) {
				known[m[1]] = true
			}
		}
		for name := range alarms(t, p) {
			if !known[name] && !ownMetric.MatchString(name) && !strings.Contains(code, `"`+strings.TrimPrefix(name, "--")+`"`) {
				t.Errorf("%s: nothing says %q", p.file, name)
			}
		}
	}
}

// No page leaves out what its programs and servers can be alarmed by: each code, each line
// of an error in the log, each rule's metric, and all that the kept lists name.
func TestNoAlarmIsLeftOut(t *testing.T) {
	for _, p := range pages {
		of, has := alarmsOf[p.name], alarms(t, p)
		code, want := sources(t, of.folders...), shown(t, p)
		for _, m := range logged.FindAllStringSubmatch(code, -1) {
			want = append(want, m[1])
		}
		if of.codes != nil {
			for _, m := range of.codes.FindAllStringSubmatch(code, -1) {
				want = append(want, m[1])
			}
		}
		if of.rules != "" {
			for _, name := range ownMetric.FindAllString(read(t, of.rules), -1) {
				want = append(want, strings.TrimSuffix(name, "_bucket")) // of a histogram
			}
		}
		if len(want) == 0 {
			t.Errorf("%s: nothing was found that it should name", p.file)
		}
		for _, name := range want {
			if !has[name] && !answered[name] {
				t.Errorf("%s does not say to alarm on %q", p.file, name)
			}
		}
	}
}

var (
	program = regexp.MustCompile("(?m)(?:^ {4,}|`)(?:bin/)?(custodyd|custody-channel) ([^`\\n]+)")
	verbOf  = regexp.MustCompile(`^[a-z][a-z-]*`)
	flagOf  = regexp.MustCompile(`--([a-z][a-z-]*)`)
	tooLong = regexp.MustCompile(`\\\n *`)
)

// What the pages say to type of the node's programs are verbs and flags that they have.
// `cmd/custody` TestGuides looks at the tool's.
func TestPagesSayWhatIsThere(t *testing.T) {
	found := map[string]int{}
	for _, p := range pages {
		for _, m := range program.FindAllStringSubmatch(tooLong.ReplaceAllString(p.text, ""), -1) {
			found[m[1]]++
			code := sources(t, "cmd/"+m[1])
			names := []string{verbOf.FindString(m[2])}
			for _, f := range flagOf.FindAllStringSubmatch(m[2], -1) {
				names = append(names, f[1])
			}
			for _, name := range names {
				if !regexp.MustCompile(`\bName: +"` + name + `"`).MatchString(code) {
					t.Errorf("%s: %s has no %q: %s", p.file, m[1], name, m[0])
				}
			}
		}
	}
	if found["custodyd"] < 8 || found["custody-channel"] < 3 {
		t.Errorf("found %v", found)
	}
}

// Each page answers what an operator asks of it.
func TestPagesHaveAll(t *testing.T) {
	for _, p := range pages {
		for _, heading := range []string{"Sizes", "Backup", "Upgrade", "Monitoring", "What to alarm on"} {
			if len(section(t, p, heading)) < 200 {
				t.Errorf("%s says next to nothing under %q", p.file, heading)
			}
		}
	}
}

// A size is one that was computed from what was measured.
func TestSizesAreComputed(t *testing.T) {
	computed := map[string]bool{}
	for line := range strings.Lines(read(t, "ledger/README.md")) {
		computed[line] = true
	}
	for _, p := range pages {
		n := 0
		for line := range strings.Lines(section(t, p, "Sizes")) {
			if !strings.HasPrefix(line, "|") {
				continue
			}
			if n++; !computed[line] {
				t.Errorf("%s: ledger/README.md has no line %s", p.file, line)
			}
		}
		if n < 3 {
			t.Errorf("%s has %d lines of sizes", p.file, n)
		}
	}
}

// On a screen no link is left, and every other page is named by its command.
func TestPagesAreForAScreen(t *testing.T) {
	for _, p := range pages {
		text := p.plain()
		if link.MatchString(text) || strings.Contains(text, "](") {
			t.Errorf("%s: %s", p.command(), link.FindString(text))
		}
	}
	for _, p := range pages[1:] {
		if !strings.Contains(pages[0].plain(), "`"+p.command()+"`") {
			t.Errorf("%s does not name %s", pages[0].command(), p.command())
		}
		if p.name != "channel" && !strings.Contains(p.plain(), "(`custodyd help deploy`)") {
			t.Errorf("%s does not name the node's page", p.command())
		}
	}
	for _, c := range [][2]string{
		{"[a *b*](../../ledger/trillianlog/README.md), c", "a *b* (`custodyd help deploy trillian`), c"},
		{"[`x.service`](x.service)", "`x.service`"},
		{"[Fabric](https://example.org/f)", "Fabric (https://example.org/f)"},
	} {
		if got := (page{file: "cmd/custodyd/README.md", text: c[0]}).plain(); got != c[1] {
			t.Errorf("%s: %s", c[0], got)
		}
	}
}

// section returns the part of a page under a heading that begins so.
func section(t *testing.T, p page, heading string) string {
	t.Helper()
	_, after, ok := strings.Cut(p.text, "\n## "+heading)
	if !ok {
		t.Errorf("%s has no %q", p.file, heading)
	}
	part, _, _ := strings.Cut(after, "\n## ")
	return part
}

// read returns a file of the repository.
func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sources returns the program text of folders, tests left out.
func sources(t *testing.T, folders ...string) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			all.Write(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
