package main

import (
	"bytes"
	"os"
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
		{"help deploy", "# custodyd: a member state's node\n", ui.ExitOK},
		{"help deploy trillian", "# A ledger over Trillian\n", ui.ExitOK},
		{"help deploy bucket", "# Evidence in a bucket\n", ui.ExitOK},
		{"help deploy channel", "# Running the states' shared channel\n", ui.ExitOK},
		{"help", "deploy", ui.ExitOK},
		{"help help", "deploy [trillian | bucket | channel]", ui.ExitOK},
		{"help serve", "--metrics", ui.ExitOK},
		{"help nothing", `no help about "nothing"`, ui.ExitUsage},
		{"help deploy now", `no page about "now"`, ui.ExitUsage},
		{"help deploy trillian now", "takes one word", ui.ExitUsage},
		{"help serve now", "takes one word", ui.ExitUsage},
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

// Every verb says what it does and which flags it takes, as a topic of help and by a
// flag of its own.
func TestHelpOfEveryVerb(t *testing.T) {
	verbs := newApp(ui.Streams{}).Commands
	if len(verbs) < 6 {
		t.Errorf("%d verbs", len(verbs))
	}
	for _, verb := range verbs {
		for _, args := range [][]string{{"help", verb.Name}, {verb.Name, "--help"}} {
			var out, errs bytes.Buffer
			exit := run(append([]string{"custodyd"}, args...), ui.Streams{Out: &out, Err: &errs})
			if exit != ui.ExitOK || verb.Usage == "" || !strings.Contains(out.String(), verb.Usage) {
				t.Errorf("%v: exit %d\n%s%s", args, exit, &out, &errs)
			}
			for _, f := range verb.Flags {
				if !strings.Contains(out.String(), "--"+f.Names()[0]) {
					t.Errorf("%v does not name --%s", args, f.Names()[0])
				}
			}
		}
	}
}

var flagged = regexp.MustCompile(`--([a-z-]+)`)

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
