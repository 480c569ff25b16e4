package keyfile_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/keyfile/keyfiletest"
)

func TestMain(m *testing.M) {
	keyfiletest.Cheap()
	os.Exit(m.Run())
}

const (
	pass  = "correct horse battery"
	other = "another long passphrase"
)

var from = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// bundle makes an officer's keys, certified by an authority.
func bundle(t testing.TB) *keyfile.Bundle {
	t.Helper()
	authority, err := keyfile.Generate(keyfile.Card{Role: "approver", Authority: "AA", State: "AA", Alias: "authority"})
	if err != nil {
		t.Fatal(err)
	}
	tmpl := signing.Template{Subject: pkix.Name{CommonName: "test"}, NotBefore: from, NotAfter: from.AddDate(2, 0, 0)}
	ca, err := signing.CreateAuthority(authority.Key, tmpl)
	if err != nil {
		t.Fatal(err)
	}
	b, err := keyfile.Generate(keyfile.Card{Role: "custodian", Authority: "AA", State: "AA", Alias: "officer 7", Vault: authority.Card.Age})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := signing.CreateOfficer(ca, authority.Key, b.Card.Key, tmpl)
	if err != nil {
		t.Fatal(err)
	}
	b.Chain = []*x509.Certificate{cert, ca}
	return b
}

func created(t testing.TB, b *keyfile.Bundle) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "officer.key")
	if err := keyfile.Create(path, b, pass); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRoundTrip(t *testing.T) {
	b := bundle(t)
	b.Card.Enrolment = []byte("grows later, and stays outside")
	path := created(t, b)
	got, err := keyfile.Open(path, pass)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := got.Signer()
	if err != nil || signer.Public().ID() != b.Card.Key.ID() || len(signer.Chain()) != 2 {
		t.Fatalf("signer: %v", err)
	}
	e, err := signing.Sign(t.Context(), "a/b", []byte("x"), signer)
	if err != nil || e.Verify(b.Card.Key)[0].Err != nil {
		t.Fatal(err)
	}
	if got.Age.String() != b.Age.String() || got.Card.Alias != "officer 7" || got.Card.Vault != b.Card.Vault || got.Card.Enrolment != nil {
		t.Errorf("%+v", got.Card)
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	onlyFile(t, path)
}

// onlyFile checks that nothing stands beside path.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("in the folder: %v, %v", entries, err)
	}
}

// TestPlaintext: what `age -d` gives, age and openssl read.
func TestPlaintext(t *testing.T) {
	b := bundle(t)
	sealed, err := os.ReadFile(created(t, b))
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.NewScryptIdentity(pass)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	text := plain.String()
	form := `(?s)^# custody/key/v1\n# \{"age":.*\}\nAGE-SECRET-KEY-1[0-9A-Z]{58}\n-----BEGIN PRIVATE KEY-----\n.*-----BEGIN CERTIFICATE-----\n.*-----BEGIN CERTIFICATE-----\n.*-----END CERTIFICATE-----\n$`
	if !regexp.MustCompile(form).MatchString(text) {
		t.Errorf("plaintext:\n%s", text)
	}
	head, _, _ := strings.Cut(text, "-----BEGIN")
	ids, err := age.ParseIdentities(strings.NewReader(head))
	if err != nil || len(ids) != 1 {
		t.Errorf("as an age identity file: %v", err)
	}
}

func TestWrongPassphrase(t *testing.T) {
	path := created(t, bundle(t))
	for _, p := range []string{other, "", pass + "\n", strings.ToUpper(pass), pass[:len(pass)-1]} {
		if _, err := keyfile.Open(path, p); !errors.Is(err, keyfile.ErrPassphrase) || errors.Is(err, keyfile.ErrDamaged) {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// TestDamage flips, cuts and appends everywhere: never a key, and never "wrong
// passphrase" except where nothing else can be known.
func TestDamage(t *testing.T) {
	path := created(t, bundle(t))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(b []byte) error {
		_, err := keyfile.Unseal(b, pass)
		return err
	}
	stanza := bytes.Index(good, []byte("-> scrypt "))
	mac := bytes.Index(good, []byte("\n---"))
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		err := try(bad)
		within := i >= stanza && i < mac
		if errors.Is(err, keyfile.ErrDamaged) || within && errors.Is(err, keyfile.ErrPassphrase) {
			continue
		}
		t.Fatalf("byte %d flipped: %v", i, err)
	}
	for i := range good {
		if err := try(good[:i]); !errors.Is(err, keyfile.ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for name, b := range map[string][]byte{
		"a byte more": append(bytes.Clone(good), 0),
		"UTF-16":      append([]byte("\xff\xfe"), good...),
		"byte order":  append([]byte("\xef\xbb\xbf"), good...),
		"line ends":   bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")),
		"not age":     []byte("-----BEGIN PRIVATE KEY-----\n"),
	} {
		if err := try(b); !errors.Is(err, keyfile.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := try(good); err != nil {
		t.Errorf("whole again: %v", err)
	}
	if err := os.WriteFile(path, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, filepath.Dir(path)} {
		if _, err := keyfile.Open(p, pass); !errors.Is(err, keyfile.ErrDamaged) {
			t.Errorf("over the limit, or a folder: %v", err)
		}
	}
	if _, err := keyfile.Open(path+"x", pass); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	b := bundle(t)
	path := created(t, b)
	before, _ := os.ReadFile(path)
	if err := keyfile.Create(path, bundle(t), other); !errors.Is(err, keyfile.ErrExists) {
		t.Errorf("over another file: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file that was there changed")
	}
	onlyFile(t, path)
	link := filepath.Join(t.TempDir(), "link.key")
	if err := os.Symlink("nowhere", link); err != nil {
		t.Fatal(err)
	}
	if err := keyfile.Create(link, b, pass); !errors.Is(err, keyfile.ErrExists) {
		t.Errorf("over a dangling link: %v", err)
	}
	for _, weak := range []string{"", "short", "eleven char", "aaaaaaaaaaaaaaaa", "abcdabcdabcdabcd", "with\nline feed here", "not utf-8 \xff\xfe here"} {
		if err := keyfile.Create(path+"2", b, weak); !errors.Is(err, keyfile.ErrWeak) {
			t.Errorf("%q: %v", weak, err)
		}
	}
	mixed := *b
	mixed.Card = bundle(t).Card
	if err := keyfile.Create(path+"2", &mixed, pass); !errors.Is(err, keyfile.ErrCard) {
		t.Errorf("another key's card: %v", err)
	}
	mixed = *b
	mixed.Chain = bundle(t).Chain
	if err := keyfile.Create(path+"2", &mixed, pass); !errors.Is(err, signing.ErrKey) {
		t.Errorf("another key's certificate: %v", err)
	}
	onlyFile(t, path)
}

func TestChangePassphrase(t *testing.T) {
	b := bundle(t)
	path := created(t, b)
	if err := keyfile.ChangePassphrase(path, other, pass); !errors.Is(err, keyfile.ErrPassphrase) {
		t.Errorf("without knowing it: %v", err)
	}
	if err := keyfile.ChangePassphrase(path, pass, "weak"); !errors.Is(err, keyfile.ErrWeak) {
		t.Errorf("to a weak one: %v", err)
	}
	if _, err := keyfile.Open(path, pass); err != nil {
		t.Fatalf("after two refusals: %v", err)
	}
	if err := keyfile.ChangePassphrase(path, pass, other); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.Open(path, pass); !errors.Is(err, keyfile.ErrPassphrase) {
		t.Errorf("the old one: %v", err)
	}
	got, err := keyfile.Open(path, other)
	if err != nil || got.Age.String() != b.Age.String() || got.Card.Key.ID() != b.Card.Key.ID() {
		t.Errorf("the new one: %v", err)
	}
	onlyFile(t, path)
}

func TestSuggestPassphrase(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){4}$`)
	seen, letters := map[string]bool{}, map[byte]int{}
	const n = 2000
	for range n {
		p := keyfile.SuggestPassphrase()
		if !form.MatchString(p) || seen[p] {
			t.Fatalf("%q", p)
		}
		if err := keyfile.CheckPassphrase(p); err != nil {
			t.Fatalf("%q: %v", p, err)
		}
		seen[p] = true
		for _, c := range []byte(strings.ReplaceAll(p, "-", "")) {
			letters[c]++
		}
	}
	// 20 characters of 5 bits: each of the 32 about n·20/32 times. Six standard
	// deviations make a false alarm rarer than a broken disk.
	for c, got := range letters {
		if want := n * 20 / 32; got < want-6*35 || got > want+6*35 {
			t.Errorf("%c stands %d times, expected about %d", c, got, want)
		}
	}
	if len(letters) != 32 {
		t.Errorf("%d different characters", len(letters))
	}
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	vault, recovery, stranger := identity(t), identity(t), identity(t)
	path := filepath.Join(dir, "ledger.age")
	body := []byte("PRIVATE+KEY+log.aa.example/1+…\n")
	if err := keyfile.CreateSecret(path, "ledger", body, vault.Recipient(), recovery.Recipient()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []age.Identity{vault, recovery} {
		if got, err := keyfile.OpenSecret(path, "ledger", stranger, id); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := keyfile.OpenSecret(path, "ledger", stranger); !errors.Is(err, keyfile.ErrIdentity) {
		t.Errorf("stranger: %v", err)
	}
	for _, name := range []string{"authority", "ledge", "ledger2", ""} {
		if _, err := keyfile.OpenSecret(path, name, vault); !errors.Is(err, keyfile.ErrDamaged) {
			t.Errorf("as %q: %v", name, err)
		}
	}
	if err := keyfile.CreateSecret(path, "ledger", body, vault.Recipient()); !errors.Is(err, keyfile.ErrExists) {
		t.Errorf("over another file: %v", err)
	}
	if err := keyfile.ReplaceSecret(path, "ledger", body, stranger.Recipient()); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.OpenSecret(path, "ledger", vault); !errors.Is(err, keyfile.ErrIdentity) {
		t.Errorf("after the replacement: %v", err)
	}
	if err := keyfile.ReplaceSecret(path+"2", "ledger", body, vault.Recipient()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing to replace: %v", err)
	}
	if err := keyfile.CreateSecret(path+"2", "ledger", body); err == nil {
		t.Error("to nobody")
	}
	if err := keyfile.CreateSecret(path+"2", "two words", body, vault.Recipient()); err == nil {
		t.Error("name of two words")
	}
	onlyFile(t, path)
	good, _ := os.ReadFile(path)
	for i := 0; i < len(good); i += 3 {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		os.WriteFile(path, bad, 0o600)
		if _, err := keyfile.OpenSecret(path, "ledger", stranger); !errors.Is(err, keyfile.ErrDamaged) && !errors.Is(err, keyfile.ErrIdentity) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
	}
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestParseKey(t *testing.T) {
	b := bundle(t)
	good, err := keyfile.MarshalKey(b.Key, b.Chain...)
	if err != nil {
		t.Fatal(err)
	}
	key, chain, err := keyfile.ParseKey(good)
	if err != nil || len(chain) != 2 {
		t.Fatal(err)
	}
	if again, err := keyfile.MarshalKey(key, chain...); err != nil || !bytes.Equal(again, good) {
		t.Fatal(err)
	}
	strange, err := keyfile.MarshalKey(b.Key, bundle(t).Chain...)
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	for name, bad := range map[string]string{
		"empty":                     "",
		"no key":                    text[strings.Index(text, "-----BEGIN CERT"):],
		"text before":               "x\n" + text,
		"text after":                text + "x\n",
		"line ends":                 strings.ReplaceAll(text, "\n", "\r\n"),
		"two keys":                  text[:strings.Index(text, "-----BEGIN CERT")] + text,
		"cut":                       text[:len(text)-2],
		"another key's certificate": string(strange),
	} {
		if _, _, err := keyfile.ParseKey([]byte(bad)); !errors.Is(err, keyfile.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
