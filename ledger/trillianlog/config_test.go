package trillianlog

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
)

func sample() stored {
	return stored{
		Config: Config{Database: "postgresql://custody@127.0.0.1/trillian", LogServer: "127.0.0.1:8090"},
		Format: configFormat, Origin: "log.example/test", Tree: 1 << 60,
	}
}

func TestConfigIsReadBack(t *testing.T) {
	dir := t.TempDir()
	if _, err := ConfigOf(dir); !errors.Is(err, ErrNone) || Made(dir) {
		t.Errorf("an empty folder: %v", err)
	}
	if err := sample().write(dir, durable.Files{}); err != nil {
		t.Fatal(err)
	}
	if c, err := ConfigOf(dir); err != nil || c != sample().Config || !Made(dir) {
		t.Errorf("%+v, %v", c, err)
	}
	if got, err := readConfig(filepath.Clean(dir)); err != nil || got != sample() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestConfigOfAnotherForm(t *testing.T) {
	b, err := sample().marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":            "",
		"another format":   strings.Replace(string(b), "/v1", "/v2", 1),
		"unknown member":   strings.Replace(string(b), "{", `{"a":1,`, 1),
		"white space":      string(b) + "\n",
		"tree of number 0": strings.Replace(string(b), "1152921504606846976", "0", 1),
		"no origin":        strings.Replace(string(b), "log.example/test", "", 1),
	} {
		if _, err := parseConfig([]byte(text)); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzConfig(f *testing.F) {
	b, err := sample().marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseConfig(b)
		if err != nil {
			return
		}
		if again, err := s.marshal(); err != nil || string(again) != string(b) {
			t.Errorf("%q is written as %q, %v", b, again, err)
		}
	})
}

// Only what stays on the machine may be plain.
func TestLocal(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:8090": true, "[::1]:8090": true, "localhost:8090": true, "localhost": true, "/run/postgresql": true, "::1": true,
		"10.0.0.1:8090": false, "db.example:5432": false, "db.example": false, "localhost.example": false, "127.0.0.1.example:1": false, "": false,
	} {
		if local(address) != want {
			t.Errorf("local(%q) is %v", address, !want)
		}
	}
}

// A database on another machine is reached in mode verify-full or not at all.
func TestPlainDatabase(t *testing.T) {
	for _, name := range []string{"PGSSLMODE", "PGSSLROOTCERT", "PGHOST", "PGSERVICE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir()) // of which pgx reads .postgresql
	for uri, want := range map[string]error{
		"postgresql://custody@db.example/trillian?sslmode=verify-full": nil,
		"host=db.example user=custody sslmode=verify-full":             nil,
		"postgresql://custody@db.example/trillian":                     ErrPlain, // pgx prefers TLS
		"postgresql://custody@db.example/trillian?sslmode=disable":     ErrPlain,
		"postgresql://custody@db.example/trillian?sslmode=allow":       ErrPlain,
		"postgresql://custody@db.example/trillian?sslmode=prefer":      ErrPlain,
		"postgresql://custody@db.example/trillian?sslmode=require":     ErrPlain,
		"postgresql://custody@db.example/trillian?sslmode=verify-ca":   ErrPlain,
		"host=db.example user=custody sslmode=require":                 ErrPlain,
		"host=db.example,127.0.0.1 user=custody sslmode=require":       ErrPlain,
		"postgresql://custody@127.0.0.1/trillian":                      nil,
		"postgresql://custody@127.0.0.1/trillian?sslmode=require":      nil,
		"host=/run/postgresql user=custody":                            nil,
		"postgresql://custody@db.example/trillian?sslmode=full":        ErrConfig,
	} {
		c, err := poolConfig(uri)
		if !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", uri, err, want)
		}
		if err == nil && c.ConnConfig.Fallbacks != nil {
			t.Errorf("%s falls back to %+v", uri, c.ConnConfig.Fallbacks)
		}
	}
}

// A connection string with a password is refused, and no error has it.
func TestPassword(t *testing.T) {
	signer := testSigner(t, "log.example/test")
	for _, uri := range []string{
		"postgresql://custody:hunter2@127.0.0.1:1/trillian",
		"postgres://custody:hunter2@db.example/trillian?sslmode=verify-full",
		"postgresql://custody@127.0.0.1:1/trillian?password=hunter2",
		"postgresql://custody@127.0.0.1:1/trillian?pass%77ord=hunter2",
		"postgresql://custody@127.0.0.1:1/trillian?sslpassword=hunter2",
		"host=127.0.0.1 port=1 user=custody password=hunter2",
		"host=127.0.0.1 port=1 user=custody password = 'hunter2'",
		"mariadb://custody:hunter2@127.0.0.1:1/trillian",
		"mysql://custody@127.0.0.1:1/trillian?password=hunter2",
		"mariadb://custody@127.0.0.1:1/trillian?pwd=hunter2",
		"custody:hunter2@tcp(127.0.0.1:1)/trillian",           // as Trillian's own flag has it
		"postgresql://custody:hunter2@127.0.0.1:99999999/%zz", // nothing that connects, with one in it
	} {
		dir := filepath.Join(t.TempDir(), "ledger")
		err := Create(t.Context(), dir, signer, Config{Database: uri, LogServer: "127.0.0.1:1"})
		if !errors.Is(err, ErrPassword) && !errors.Is(err, ErrConfig) || Made(dir) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", uri, err)
		}
	}
	for _, uri := range []string{"", "postgresql://custody@127.0.0.1/trillian?passfile=/x", "host=127.0.0.1 passfile=/x"} {
		if err := (Config{Database: uri}).Check(); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

// An event is known by the seal that it closes, wherever it stands; other leaves by their
// place, too.
func TestIdentity(t *testing.T) {
	event, rival := ledgertest.Event(1), ledgertest.Rival(1, 1)
	seal, _ := event.Seal()
	if identity(event, 1) != [32]byte(seal) || identity(rival, 2) != [32]byte(seal) {
		t.Error("an event is not known by its seal")
	}
	list := ledger.HashLeaf(ledger.TypeTrustList, event.Hash())
	if identity(list, 1) == identity(list, 2) || identity(list, 1) == identity(ledger.HashLeaf(ledger.TypeCheckpoint, event.Hash()), 1) {
		t.Error("two leaves of one identity")
	}
}
