//go:build soak && linux

package node

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/ledger"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// A real witness that is not ours, litewitness of filippo.io/torchwood, cosigns our
// ledger. LITEWITNESS is its binary; ssh-agent, ssh-add, ssh-keygen and sqlite3 are needed too.
func TestLitewitness(t *testing.T) {
	b := newBook(t)
	b.add(0, 20)
	url, key := startLitewitness(t, b)
	k := dial(t, url).Cosigner("", b.vkey)
	if signed, err := k.Latest(t.Context(), aa); signed != nil {
		t.Logf("litewitness has the monitoring request: %q, %v", signed, err)
	}
	old := uint64(0)
	for n := uint64(20); n < 200; n += 60 {
		r := b.request(old)
		lines, err := k.Cosign(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := ledger.AddCosignatures(r.Note, lines, note.VerifierList(key))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := ledger.Cosignatures(signed, note.VerifierList(key)); err != nil || len(found) != 1 {
			t.Fatalf("%d cosignatures, %v", len(found), err)
		}
		old = b.size()
		b.add(n, n+60)
	}
	_, err := k.Cosign(t.Context(), b.request(3))
	if conflict, ok := err.(interface{ Unwrap() error }); !ok || conflict.Unwrap().Error() != (&ledger.ConflictError{Origin: aa, Size: old}).Error() {
		t.Errorf("from another size: %v", err)
	}
}

// startLitewitness returns the address and key of a witness that follows b.
func startLitewitness(t *testing.T, b *book) (string, note.Verifier) {
	t.Helper()
	dir := t.TempDir()
	agent := filepath.Join(dir, "agent.sock")
	start(t, exec.Command("ssh-agent", "-D", "-a", agent))
	fingerprint := addKey(t, dir, agent)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, db := l.Addr().String(), filepath.Join(dir, "lw.db")
	l.Close()
	cmd := exec.Command(os.Getenv("LITEWITNESS"), "-db", db, "-name", "witness.example/w1", "-key", fingerprint, "-ssh-agent", agent, "-listen", address)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	lines := bufio.NewScanner(out)
	vkey := ""
	for lines.Scan() {
		if _, after, ok := strings.Cut(lines.Text(), "vkey="); ok {
			vkey = strings.Trim(strings.Fields(after)[0], `"`)
		}
		if strings.Contains(lines.Text(), "listening") {
			break
		}
	}
	go func() {
		for lines.Scan() {
		}
	}()
	key, err := fnote.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		t.Fatalf("key of the witness, %q: %v", vkey, err)
	}
	sql := fmt.Sprintf("insert into log values('%s',0,'%s'); insert into key values('%s','%s');", aa, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", aa, b.text)
	if out, err := exec.Command("sqlite3", db, sql).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return "http://" + address, key
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
}

// addKey puts a new Ed25519 key into the agent and returns its fingerprint.
func addKey(t *testing.T, dir, agent string) string {
	t.Helper()
	file := filepath.Join(dir, "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for { // until the agent listens
		if c, err := net.Dial("unix", agent); err == nil {
			c.Close()
			break
		}
	}
	add := exec.Command("ssh-add", file)
	add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+agent)
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command("ssh-keygen", "-l", "-f", file+".pub").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))[1]
}
