package node

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/feeder"
)

var metricName = regexp.MustCompile(`\b(?:custody_node|go|process)_[a-z_]+\b`)

// The operator guide and the rules for alarms name metrics that there are, and of the
// node's own all.
func TestGuideNamesMetrics(t *testing.T) {
	o := newObserver(slog.New(slog.DiscardHandler))
	o.registry.MustRegister(lagging(func() []feeder.Lag { return []feeder.Lag{{State: "BB", Name: "bb.example/witness"}} }))
	o.cosigned("witness", ledger.Checkpoint{Origin: evidence.Origin("aa.example/ledger"), Size: 1})
	w := http.ResponseWriter(httptest.NewRecorder())
	o.request(&w, httptest.NewRequest("GET", "/checkpoint", nil))()
	out := httptest.NewRecorder()
	o.metrics().ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
	served := map[string]bool{}
	for line := range strings.Lines(out.Body.String()) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			served[name] = true
		}
	}
	named := map[string]bool{}
	for _, file := range []string{"README.md", "alerts.yaml"} {
		b, err := os.ReadFile("../../cmd/custodyd/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range metricName.FindAllString(string(b), -1) {
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
