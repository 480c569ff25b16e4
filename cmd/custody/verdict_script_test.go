package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/verify"
)

// scriptVerdict writes what every check of a verdict came to, without what differs from
// run to run, such as times and the sizes of ledgers. Where a script's packages are anchored
// because it is run again so, that the anchors hold is left out: it comes on top.
func scriptVerdict(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: verdict FILE OUT")
	}
	var v verify.Verdict
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	text := outcomes(&v)
	if ts.Getenv(envChannel) != "" {
		text = anchorsHold.ReplaceAllString(text, "")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// anchorsHold is a line of [outcomes].
var anchorsHold = regexp.MustCompile(`(?m)^  channel\.anchor holds \d+\n`)

// outcomes is a line for each question and, below it, one for each check and what it came
// to, with how often.
func outcomes(v *verify.Verdict) string {
	var out strings.Builder
	fmt.Fprintf(&out, "exit %d\n", v.Exit)
	for _, item := range v.Items {
		for _, q := range item.Questions {
			fmt.Fprintf(&out, "%d %s\n", q.N, q.Status)
			counts := map[string]int{}
			for _, f := range q.Findings {
				counts[fmt.Sprint(f.Check, " ", f.Status)]++
			}
			for _, what := range slices.Sorted(maps.Keys(counts)) {
				fmt.Fprintf(&out, "  %s %d\n", what, counts[what])
			}
		}
	}
	return out.String()
}
