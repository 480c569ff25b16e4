//go:build engines

package trillianlog

import (
	"os"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence/servertest"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

// What the page says to watch is there: Trillian's programs serve the metrics, and the
// database answers each line of SQL with a number.
func TestEngineGuide(t *testing.T) {
	s := trilliantest.Start(t)
	if _, err := openNode(t, s).w.Submit(t.Context(), ledgertest.Rival(1, 1)); err != nil {
		t.Fatal(err)
	}
	const away, back = "ALTER TABLE SequencedLeafData RENAME TO Away", "ALTER TABLE Away RENAME TO SequencedLeafData"
	s.Execute(away) // so that the signer fails
	for _, p := range []*servertest.Process{s.Log, s.Signer} {
		e := servertest.Exporter{Program: p.Argv[0], At: "http://" + flagOf(p.Argv, "--http_endpoint"), Metrics: "/metrics"}
		e.Alarms(t, "testdata/alarms.txt")
	}
	s.Execute(back)
	for _, query := range queries(t) {
		if os.Getenv("CUSTODY_DATABASE") == "mariadb" && strings.Contains(query, "pg_") {
			continue // PostgreSQL's own
		}
		s.Number(query)
	}
}

// flagOf returns the value of a flag of a program.
func flagOf(argv []string, name string) string {
	i := slices.IndexFunc(argv, func(a string) bool { return strings.HasPrefix(a, name+"=") })
	return argv[i][len(name)+1:]
}

// queries returns the lines of SQL in the page.
func queries(t *testing.T) (list []string) {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line, ok := strings.CutPrefix(line, "    SELECT "); ok {
			list = append(list, "SELECT "+strings.TrimSpace(line))
		}
	}
	if len(list) < 5 {
		t.Fatalf("%d lines of SQL", len(list))
	}
	return list
}
