package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

func TestHelp(t *testing.T) {
	for _, c := range []struct {
		args, says string
		exit       int
	}{
		{"help deploy", guide, ui.ExitOK},
		{"help", "deploy", ui.ExitOK},
		{"help serve", "--metrics", ui.ExitOK},
		{"help nothing", `no help about "nothing"`, ui.ExitUsage},
		{"help deploy now", "one word", ui.ExitUsage},
	} {
		var out, errs bytes.Buffer
		exit := run(append([]string{"custodyd"}, strings.Fields(c.args)...), ui.Streams{Out: &out, Err: &errs})
		said := &out
		if exit != ui.ExitOK {
			said = &errs
		}
		if exit != c.exit || !strings.Contains(said.String(), c.says) {
			t.Errorf("custodyd %s: exit %d\n%s%s", c.args, exit, &out, &errs)
		}
	}
}

var (
	// alarming finds the first column of the table under "What to alarm on".
	alarming = regexp.MustCompile("(?m)^\\| (.+?) \\|")
	quoted   = regexp.MustCompile("`([^`]+)`")
	flagged  = regexp.MustCompile(`--([a-z-]+)`)
)

// Every line that the guides say to alarm on is one that the programs write.
func TestAlarmsAreSaid(t *testing.T) {
	for guide, folders := range map[string][]string{
		"README.md":                         {".", "../../ledger/node"},
		"../../ledger/channel/README.md":    {"../custody-channel", "../../ledger/channel"},
		"../../evidence/store/s3/README.md": {"../custody", "../internal/desk"},
	} {
		code := sources(t, folders...)
		n := 0
		for _, row := range alarming.FindAllStringSubmatch(section(t, guide, "## What to alarm on"), -1) {
			for _, line := range append(quoted.FindAllStringSubmatch(row[1], -1), regexp.MustCompile(`(E-[A-Z-]+)`).FindAllStringSubmatch(row[1], -1)...) {
				if strings.HasPrefix(line[1], "custody_") || strings.HasPrefix(line[1], "/") {
					continue // a metric or an address, which other tests ask for
				}
				if n++; !strings.Contains(code, line[1]) {
					t.Errorf("%s: nothing in %q says %q", guide, folders, line[1])
				}
			}
		}
		if n < 3 {
			t.Errorf("%s names %d lines", guide, n)
		}
	}
}

// The unit for systemd names flags that there are.
func TestServiceFile(t *testing.T) {
	b, err := os.ReadFile("custodyd.service")
	if err != nil {
		t.Fatal(err)
	}
	flags := flagged.FindAllStringSubmatch(string(b), -1)
	for _, f := range flags {
		if !has(serveCommand(ui.Streams{}), f[1]) {
			t.Errorf("custodyd serve has no flag --%s", f[1])
		}
	}
	if len(flags) < 4 {
		t.Errorf("%d flags", len(flags))
	}
}

func has(c *cli.Command, name string) bool {
	for _, f := range c.Flags {
		for _, n := range f.Names() {
			if n == name {
				return true
			}
		}
	}
	return false
}

// section returns the part of a page under a heading.
func section(t *testing.T, file, heading string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(b), heading+"\n")
	if !ok {
		t.Fatalf("%s has no %q", file, heading)
	}
	part, _, _ := strings.Cut(after, "\n## ")
	return part
}

// sources returns the program text of folders, tests left out.
func sources(t *testing.T, folders ...string) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
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
