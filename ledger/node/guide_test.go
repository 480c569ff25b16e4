package node

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/feeder"
)

// scraped returns the lines that a scrape of the node's metrics is told.
func scraped(n *Node) []string {
	out := httptest.NewRecorder()
	n.Metrics().ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
	return strings.Split(out.Body.String(), "\n")
}

// busy is a node of which every metric has a value, and every alarm something to see.
func busy(t *testing.T) *Node {
	t.Helper()
	n := newOffice(t).n
	n.seen.registry.MustRegister(lagging(func() []feeder.Lag { return []feeder.Lag{{State: "BB", Name: "bb.example/witness"}} }))
	n.seen.cosigned("witness", ledger.Checkpoint{Origin: evidence.Origin("aa.example/ledger"), Size: 1})
	w, r := http.ResponseWriter(httptest.NewRecorder()), httptest.NewRequest("GET", "/checkpoint", nil)
	done := n.seen.request(&w, r)
	n.refuse(w, r, errors.New("a fault"))
	done()
	return n
}

var metricName = regexp.MustCompile(`\b(?:custody_node|go|process)_[a-z_]+\b`)

// The operator guide and the rules for alarms name metrics that there are, and of the
// node's own all.
func TestGuideNamesMetrics(t *testing.T) {
	served := map[string]bool{}
	for _, line := range scraped(busy(t)) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			served[name] = true
		}
	}
	named := map[string]bool{}
	for _, file := range []string{"README.md", "alerts.yaml"} {
		for _, name := range metricName.FindAllString(guide(t, file), -1) {
			name = strings.TrimSuffix(name, "_bucket") // of a histogram
			if named[name] = true; !served[name] {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
	for name := range served {
		if strings.HasPrefix(name, "custody_") && !named[name] {
			t.Errorf("the guide does not name %s", name)
		}
	}
}

func guide(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile("../../cmd/custodyd/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	selector = regexp.MustCompile(`\b(custody_node_[a-z_]+)\{([^}]*)\}`)
	label    = regexp.MustCompile(`^[a-z]+="[^"]*"$`)
)

// Where a rule selects by labels, the node writes a series that has them: an alarm on a
// value that nothing ever has is none.
func TestAlarmsSelectSeries(t *testing.T) {
	series := scraped(busy(t))
	found := selector.FindAllStringSubmatch(guide(t, "alerts.yaml"), -1)
	if len(found) == 0 {
		t.Fatal("no rule selects by a label")
	}
	for _, f := range found {
		labels := strings.Split(f[2], ",")
		for _, l := range labels {
			if !label.MatchString(l) {
				t.Errorf("%s: this test does not read %s", f[0], l)
			}
		}
		if !slices.ContainsFunc(series, func(line string) bool {
			has, ok := strings.CutPrefix(line, f[1]+"{")
			has, _, _ = strings.Cut(has, "}")
			return ok && !slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(strings.Split(has, ","), l) })
		}) {
			t.Errorf("no series is %s", f[0])
		}
	}
}

// The alarm for a node that takes no events becomes true by scrapes alone, whoever else
// asks or does not, and ends when the node takes events again.
func TestReadyIsScraped(t *testing.T) {
	if !strings.Contains(guide(t, "alerts.yaml"), "expr: custody_node_ready == 0\n") {
		t.Error("no alarm is for a node that is not ready")
	}
	s := newOffice(t)
	begun := s.n.begun.Load()
	for _, c := range []struct {
		begun *Writing
		want  string
	}{{nil, "custody_node_ready 0"}, {begun, "custody_node_ready 1"}} {
		s.n.begun.Store(c.begun)
		if got := scraped(s.n); !slices.Contains(got, c.want) {
			t.Errorf("no line %s in\n%s", c.want, strings.Join(got, "\n"))
		}
	}
	if !strings.Contains(s.logs.String(), "the ledger is being opened") {
		t.Error("the log does not say why")
	}
}
