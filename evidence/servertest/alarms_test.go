package servertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestExporterHas(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/metrics":
			fmt.Fprint(w, "# TYPE runs counter\nruns 1\nheight{channel=\"a\"} 2\nfailed_runs 0\n")
		case "/healthz":
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	program := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(program, []byte("\x00the certificate ends\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := Exporter{Program: program, At: s.URL, Metrics: "/metrics"}
	for _, c := range []struct {
		kind, what string
		want       bool
	}{
		{"metric", "runs", true},
		{"metric", "height", true},
		{"metric", "counter", false},
		{"metric", "run", false},
		{"answers", "/healthz", true},
		{"answers", "/readyz", false},
		{"says", "certificate ends", true},
		{"says", "certificate begins", false},
		{"tells", "runs", false},
	} {
		if err := e.has(c.kind, c.what); (err == nil) != c.want {
			t.Errorf("%s %s: %v", c.kind, c.what, err)
		}
	}
}
