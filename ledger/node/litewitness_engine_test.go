//go:build engines && linux

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

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/verify/verifytest"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// A witness that is not ours, litewitness of filippo.io/torchwood, cosigns our checkpoints,
// and says at which size it is to whoever starts from another one.
func TestEngineLitewitness(t *testing.T) {
	b := newBook(t)
	b.add(0, 20)
	url, key := startLitewitness(t, aa, b.text)
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

// A node whose receipts need the cosignature of litewitness takes events by it alone, and
// gives no receipt while it is away.
func TestEngineLitewitnessVouches(t *testing.T) {
	s := &office{T: t, w: verifytest.New(verifytest.Config{}), dir: t.TempDir()}
	s.disk = ledgertest.NewDisk(s.origin())
	skey, vkey, err := note.GenerateKey(nil, string(s.origin()))
	if err != nil {
		t.Fatal(err)
	}
	s.skey, s.vkey = parseKey(t, skey, vkey)
	url, key := startLitewitness(t, s.origin(), vkey)
	k := &moody{Cosigner: dial(t, url).Cosigner("", s.vkey)}
	s.edit = witnessedBy(k, key)
	s.serve()
	ann := s.enrol(evidence.RoleCollector)
	e := ann.Collect(thing("a")).Events[0]
	k.away.Store(true)
	if got := s.submit(ann, e)[0]; got.Status != wire.Pending || got.Receipt != "" {
		t.Errorf("with litewitness away: %+v", got)
	}
	k.away.Store(false)
	got := s.submit(ann, e)[0]
	if got.Status != wire.Logged || !got.Retried {
		t.Fatalf("with litewitness: %+v", got)
	}
	r := must[ledger.Receipt](t)(ledger.ParseReceipt([]byte(got.Receipt)))
	if _, err := r.Verify(e.Leaf, s.vkey); err != nil {
		t.Error(err)
	}
	if found, err := ledger.Cosignatures(r.Note, note.VerifierList(key)); err != nil || len(found) != 1 {
		t.Errorf("%d cosignatures of litewitness, %v", len(found), err)
	}
}

// litewitness is built by .ci/servers.
const litewitness = "../../tmp/servers/litewitness/litewitness"

// startLitewitness returns the address and key of a witness that follows one ledger.
func startLitewitness(t *testing.T, o evidence.Origin, logKey string) (string, note.Verifier) {
	t.Helper()
	dir := t.TempDir()
	agent := startAgent(t, dir)
	fingerprint := addKey(t, dir, agent)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, db := l.Addr().String(), filepath.Join(dir, "lw.db")
	l.Close()
	cmd := exec.Command(litewitness, "-db", db, "-name", "witness.example/w1", "-key", fingerprint, "-ssh-agent", agent, "-listen", address)
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
	sql := fmt.Sprintf("insert into log values('%s',0,'%s'); insert into key values('%s','%s');", o, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", o, logKey)
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

// startAgent starts an ssh-agent and returns its socket, once it listens there.
func startAgent(t *testing.T, dir string) string {
	t.Helper()
	socket := filepath.Join(dir, "agent.sock")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	if said := bufio.NewScanner(out); !said.Scan() {
		t.Fatalf("ssh-agent does not listen: %v", said.Err())
	}
	return socket
}

// addKey puts a new Ed25519 key into the agent and returns its fingerprint.
func addKey(t *testing.T, dir, agent string) string {
	t.Helper()
	file := filepath.Join(dir, "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
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
