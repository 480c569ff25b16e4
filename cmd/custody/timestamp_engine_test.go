//go:build engines

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The script of timestamps says the same, line by line, with sigstore's timestamp
// authority in the place of ours.
func TestEngineTimestampServer(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "timestamp.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "exec clock tsa &", "sigstore tsa", 1)
	if text == string(b) {
		t.Fatal("the script starts no authority")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "timestamp-sigstore.txtar"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := scripts(dir)
	p.Cmds["sigstore"] = scriptSigstore
	testscript.Run(t, p)
}

// timestampServer is built by .ci/servers.
const timestampServer = "../../tmp/servers/timestamp/timestamp-server"

var servingAt = regexp.MustCompile(`Serving timestamp server at (http://127\.0\.0\.1:[0-9]+)`)

// scriptSigstore starts sigstore's authority, with a key that it keeps in memory, and
// writes its certificate and address into a folder: sigstore DIR.
func scriptSigstore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sigstore DIR")
	}
	program, err := filepath.Abs(timestampServer)
	ts.Check(err)
	cmd := exec.Command(program, "serve", "--host", "127.0.0.1", "--port", "0", "--timestamp-signer", "memory", "--disable-ntp-monitoring")
	out, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	url := ""
	for lines := bufio.NewScanner(out); url == "" && lines.Scan(); {
		if at := servingAt.FindStringSubmatch(lines.Text()); at != nil {
			url = at[1]
		}
	}
	go io.Copy(io.Discard, out)
	if url == "" {
		ts.Fatalf("timestamp-server does not serve")
	}
	resp, err := http.Get(url + "/api/v1/timestamp/certchain")
	ts.Check(err)
	defer resp.Body.Close()
	chain, err := io.ReadAll(resp.Body)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.Mkdir(dir, 0o700))
	const end = "-----END CERTIFICATE-----\n"
	leaf, _, ok := strings.Cut(string(chain), end) // a trust list names the certificate that stamps
	if resp.StatusCode != http.StatusOK || !ok {
		ts.Fatalf("its certificates: %d %s", resp.StatusCode, chain)
	}
	ts.Check(os.WriteFile(filepath.Join(dir, "cert.pem"), []byte(leaf+end), 0o600))
	ts.Check(os.WriteFile(filepath.Join(dir, "address.json"), fmt.Appendf(nil, `{"url":"%s/api/v1/timestamp"}`, url), 0o600))
}
