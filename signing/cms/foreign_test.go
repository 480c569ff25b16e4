package cms

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/signing"
	"github.com/digitorus/timestamp"
	"github.com/sigstore/timestamp-authority/v2/pkg/verification"
	"github.com/smallstep/pkcs7"
)

// openssl runs openssl in dir and returns what it says.
func openssl(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
}

func pemOf(certs ...*x509.Certificate) []byte {
	var b []byte
	for _, c := range certs {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return b
}

// openssl, digitorus/timestamp, sigstore's verification and smallstep/pkcs7
// accept a token of ours, and refuse it over other bytes.
func TestForeignReadersOfTokens(t *testing.T) {
	for name, p := range map[string]party{
		"P-256": stamper(t, ecKey(t, elliptic.P256())),
		"P-384": stamper(t, ecKey(t, elliptic.P384())),
	} {
		t.Run(name, func(t *testing.T) {
			g := grant(bytes1, noon)
			token := tokenOf(t, p, bytes1, noon)
			dir := t.TempDir()
			write(t, dir, map[string][]byte{
				"data": bytes1, "other": []byte("x"), "ca.pem": pemOf(p.cert), "token.tst": token,
				"request.tsq": g.Request.Marshal(), "response.tsr": MarshalResponse(token),
			})
			now := []string{"-CAfile", "ca.pem", "-attime", "1795000000"} // 2026-11-18
			for _, args := range [][]string{
				{"ts", "-verify", "-in", "response.tsr", "-queryfile", "request.tsq"},
				{"ts", "-verify", "-in", "response.tsr", "-data", "data"},
				{"ts", "-verify", "-in", "token.tst", "-token_in", "-data", "data"},
			} {
				if out, err := openssl(t, dir, append(args, now...)...); err != nil {
					t.Errorf("%v: %v\n%s", args, err, out)
				}
			}
			if out, err := openssl(t, dir, append([]string{"ts", "-verify", "-in", "token.tst", "-token_in", "-data", "other"}, now...)...); err == nil {
				t.Errorf("openssl takes it for other bytes: %s", out)
			}
			read, err := timestamp.Parse(token)
			if err != nil || !read.Time.Equal(noon) || !bytes.Equal(read.HashedMessage, g.Request.Digest[:]) {
				t.Errorf("digitorus reads %+v, %v", read, err)
			}
			_, err = verification.VerifyTimestampResponse(MarshalResponse(token), bytes.NewReader(bytes1), verification.VerifyOpts{TSACertificate: p.cert, Roots: []*x509.Certificate{p.cert}, Nonce: g.Request.Nonce})
			if err != nil {
				t.Errorf("sigstore: %v", err)
			}
			p7, err := pkcs7.Parse(token)
			if err == nil {
				err = p7.Verify()
			}
			if err != nil {
				t.Errorf("smallstep: %v", err)
			}
		})
	}
}

// A token that digitorus/timestamp makes, the library under sigstore's timestamp
// authority, is accepted.
func TestForeignToken(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"P-256": ecKey(t, elliptic.P256()), "RSA": rsaKey()} {
		p := stamper(t, key)
		digest := sha256.Sum256(bytes1)
		in := timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: digest[:], Time: noon, Nonce: grant(nil, noon).Request.Nonce, Policy: []int{1, 2, 3}, Accuracy: time.Second, AddTSACertificate: true}
		response, err := in.CreateResponseWithOpts(p.cert, key, crypto.SHA256)
		must(t, err)
		tok, _, err := grant(bytes1, noon).Request.ParseResponse(response)
		if err != nil || !tok.Time.Equal(noon) || tok.Accuracy != time.Second {
			t.Errorf("%s: %+v, %v", name, tok, err)
		}
	}
}

// Tokens that openssl makes are accepted, under certificates that openssl makes;
// the request is ours.
func TestOpensslToken(t *testing.T) {
	for name, key := range map[string][]string{
		"P-256": {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"},
		"RSA":   {"rsa:3072"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"req", "-x509", "-newkey"}, key...)
			args = append(args, "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-days", "30", "-subj", "/C=AA/CN=Foreign time",
				"-addext", "extendedKeyUsage=critical,timeStamping", "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature")
			if out, err := openssl(t, dir, args...); err != nil {
				t.Fatal(err, out)
			}
			r := grant(bytes1, noon).Request
			write(t, dir, map[string][]byte{"q.tsq": r.Marshal(), "serial": []byte("01\n"), "ts.cnf": []byte(`[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ess_cert_id_alg = sha256
`)})
			if out, err := openssl(t, dir, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"); err != nil {
				t.Fatal(err, out)
			}
			b, err := os.ReadFile(filepath.Join(dir, "r.tsr"))
			must(t, err)
			tok, _, err := r.ParseResponse(b)
			if err != nil || tok.Accuracy != 1500*time.Millisecond {
				t.Errorf("%+v, %v", tok, err)
			}
		})
	}
}

// openssl accepts our signatures as CAdES, and not over another manifest.
func TestForeignReadersOfSignatures(t *testing.T) {
	tsa := stamper(t, ecKey(t, elliptic.P256()))
	for name, p := range map[string]party{
		"P-256": officer(t, ecKey(t, elliptic.P256())),
		"P-384": officer(t, ecKey(t, elliptic.P384())),
		"RSA":   officer(t, rsaKey()),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string][]byte{
				"manifest.xml": bytes1, "other.xml": []byte("x"), "ca.pem": pemOf(p.roots...),
				"b.p7s": signatureOf(t, p, bytes1, noon), "t.p7s": stamped(t, p, tsa, bytes1, noon, noon),
			})
			for _, in := range []string{"b.p7s", "t.p7s"} {
				args := []string{"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", in, "-CAfile", "ca.pem", "-purpose", "any", "-attime", "1795000000", "-out", "out", "-content"}
				if out, err := openssl(t, dir, append(args, "manifest.xml")...); err != nil || !bytes.Contains([]byte(out), []byte("CAdES Verification successful")) {
					t.Errorf("%s: %v\n%s", in, err, out)
				}
				if out, err := openssl(t, dir, append(args, "other.xml")...); err == nil {
					t.Errorf("%s over another manifest: %s", in, out)
				}
			}
			if name == "RSA" {
				return // smallstep/pkcs7 knows no RSASSA-PSS
			}
			b, err := os.ReadFile(filepath.Join(dir, "t.p7s"))
			must(t, err)
			p7, err := pkcs7.Parse(b)
			must(t, err)
			p7.Content = bytes1
			if err := p7.Verify(); err != nil {
				t.Errorf("smallstep: %v", err)
			}
		})
	}
}

// A CAdES signature that openssl makes is accepted.
func TestOpensslSignature(t *testing.T) {
	p := officer(t, ecKey(t, elliptic.P256()))
	key, err := x509.MarshalPKCS8PrivateKey(p.key)
	must(t, err)
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"manifest.xml": bytes1, "cert.pem": pemOf(p.cert), "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})})
	if out, err := openssl(t, dir, "cms", "-sign", "-cades", "-binary", "-nosmimecap", "-md", "sha256", "-in", "manifest.xml", "-signer", "cert.pem", "-inkey", "key.pem", "-outform", "DER", "-out", "s.p7s"); err != nil {
		t.Fatal(err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "s.p7s"))
	must(t, err)
	// openssl dates by the machine's clock, and the certificate ends.
	err = verifyCAdES(b, bytes1, p.roots)
	if s, parse := ParseSignature(b); parse != nil || s.Signed.After(end) != errors.Is(err, signing.ErrCertificate) || !s.Signed.After(end) && err != nil {
		t.Errorf("%v, %v", parse, err)
	}
}
