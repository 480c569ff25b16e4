package desk

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/tsa"
	"example.org/custody/verify"
)

// clockmaker serves a timestamp authority.
func clockmaker(t *testing.T, s *Session) (*tsa.Authority, tsa.Client) {
	t.Helper()
	a, err := tsa.NewAuthority("AA", s.Now)
	noError(t, err)
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return a, tsa.Client{URL: server.URL, Now: s.Now}
}

// agreed lets the authority count, by a second list that both states sign and pin.
func agreed(t *testing.T, a *tsa.Authority, aa, bb *Created) {
	t.Helper()
	got, err := aa.Propose(trustlist.Proposal{Lying: -1, TSA: []trustlist.TSA{{State: "AA", Cert: a.Certificate().Raw}}})
	noError(t, err)
	got, err = bb.SignTrust(passed(t, got.File))
	noError(t, err)
	for _, c := range []*Created{aa, bb} {
		out, err := c.AdoptFile(t.Context(), passed(t, got.File))
		noError(t, err)
		if out.View.Version != 2 || len(out.View.TSAs) != 1 {
			t.Fatalf("%+v", out.View)
		}
	}
	_, err = aa.AdoptFile(t.Context(), passed(t, got.File)) // now that BB has pinned it, too
	noError(t, err)
}

// packedBy seals a file, packs it and verifies the package under a list.
func packedBy(t *testing.T, s *Session, p Packing, under verify.Trust) (*verify.Verdict, *Packed) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.txt")
	noError(t, os.WriteFile(path, []byte("evidence "+t.TempDir()), 0o600)) // not sealed before
	it := s.mustSeal(t, Sealing{Paths: []string{path}})
	p.Items = []*Item{it}
	if p.Out == "" {
		p.Out = filepath.Join(t.TempDir(), "p.asice")
	}
	done, err := s.Pack(t.Context(), p)
	noError(t, err)
	f, err := os.Open(p.Out)
	noError(t, err)
	defer f.Close()
	info, err := f.Stat()
	noError(t, err)
	v, _, err := verify.File(t.Context(), f, info.Size(), under, verify.Options{})
	noError(t, err)
	return v, done
}

func found(v *verify.Verdict, check string) verify.Finding {
	for _, f := range v.Container {
		if f.Check == check {
			return f
		}
	}
	return verify.Finding{}
}

// A court that pinned list 1 gets a package made under list 2, which names a
// timestamp authority: the ledger proves list 2, and the authority the time.
func TestPackStampedUnderNewerList(t *testing.T) {
	aa, bb := twoStates(t)
	_, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: string(evidence.RoleCollector), Role: evidence.RoleCollector, Passphrase: testPassphrase})
	noError(t, err)
	s := aa.Session.as(t, evidence.RoleCollector)
	pinned := s.trusted.Root()
	a, client := clockmaker(t, s)
	agreed(t, a, aa, bb)
	v, done := packedBy(t, s, Packing{Stamp: client}, pinned)
	if v.Exit != verify.ExitHolds || v.Trust.Version != 2 || v.Trust.Root == nil || v.Trust.Root.Version != 1 {
		t.Errorf("exit %d, %s; %+v; %s", v.Exit, v.Sentence, v.Trust, found(v, "trust.list").Detail)
	}
	if f := found(v, "package.timestamp"); f.Status != verify.Holds || v.Package.Stamped != done.Stamped || done.Tokens != 1 {
		t.Errorf("%+v; %+v; %+v", f, v.Package, done)
	}
	if f := found(v, "sender.verdict"); f.Status != verify.Holds {
		t.Errorf("%+v", f)
	}
	tokens := 0
	for _, f := range v.Items[0].Questions[4].Findings {
		if f.Check == "time.token" && f.Status == verify.Holds {
			tokens++
		}
	}
	if tokens != 1 {
		t.Errorf("%d tokens count in question 5", tokens)
	}
	without, done := packedBy(t, s, Packing{}, pinned)
	if without.Exit != verify.ExitHolds || done.Stamped != "" || without.Package.Stamped != "" || !strings.Contains(without.Items[0].Questions[3].Sentence, "as the packer says") {
		t.Errorf("without a timestamp: exit %d, %s", without.Exit, without.Items[0].Questions[3].Sentence)
	}
}

// openssl accepts the CAdES signature and the timestamp in a package, knowing
// nothing of us but the authorities' certificates.
func TestPackForOpenssl(t *testing.T) {
	aa, bb := twoStates(t)
	_, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: string(evidence.RoleCollector), Role: evidence.RoleCollector, Passphrase: testPassphrase})
	noError(t, err)
	s := aa.Session.as(t, evidence.RoleCollector)
	a, client := clockmaker(t, s)
	agreed(t, a, aa, bb)
	dir := t.TempDir()
	out := filepath.Join(dir, "p.asice")
	v, _ := packedBy(t, s, Packing{CAdES: true, Stamp: client, Out: out}, s.trusted.Root())
	if f := found(v, "package.cades"); v.Exit != verify.ExitHolds || f.Status != verify.Holds || !strings.Contains(f.Detail, "as a timestamp token says") {
		t.Errorf("exit %d, %+v", v.Exit, f)
	}
	later := filepath.Join(dir, "renewed.asice")
	renewFile(t, s, client, out, later)
	z, err := zip.OpenReader(later)
	noError(t, err)
	defer z.Close()
	for _, name := range []string{"ASiCManifest001.xml", "ASiCManifest002.xml", "signature001.p7s", "timestamp001.tst", "ASiCArchiveManifest001.xml", "timestamp002.tst"} {
		b, err := fs.ReadFile(z, "META-INF/"+name)
		noError(t, err)
		noError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	auth, err := s.authority()
	noError(t, err)
	for name, c := range map[string]*x509.Certificate{"authority.pem": auth.cert, "tsa.pem": a.Certificate()} {
		noError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600))
	}
	for _, args := range [][]string{
		{"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signature001.p7s", "-content", "ASiCManifest001.xml", "-CAfile", "authority.pem", "-purpose", "any", "-out", "content"},
		{"ts", "-verify", "-token_in", "-in", "timestamp001.tst", "-data", "ASiCManifest002.xml", "-CAfile", "tsa.pem"},
		{"ts", "-verify", "-token_in", "-in", "timestamp002.tst", "-data", "ASiCArchiveManifest001.xml", "-CAfile", "tsa.pem"},
	} {
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, said)
		}
	}
}

// silent is an authority that gives nothing.
type silent struct{}

func (silent) Ask(context.Context, [sha256.Size]byte) (*cms.Token, []byte, error) {
	return nil, nil, tsa.ErrUnavailable
}

// Whoever asked for a timestamp gets no package without one that counts.
func TestPackNotStamped(t *testing.T) {
	s := deskWith(t, evidence.RoleCollector).as(t, evidence.RoleCollector)
	path := filepath.Join(t.TempDir(), "a.txt")
	noError(t, os.WriteFile(path, []byte("evidence"), 0o600))
	it := s.mustSeal(t, Sealing{Paths: []string{path}})
	_, unlisted := clockmaker(t, s)
	out := filepath.Join(t.TempDir(), "p.asice")
	for want, stamp := range map[error]Stamper{ErrTimeUnlisted: unlisted, tsa.ErrUnavailable: silent{}} {
		if _, err := s.Pack(t.Context(), Packing{Items: []*Item{it}, Out: out, Stamp: stamp}); !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
		if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a package was left: %v", err)
		}
	}
}

func TestDoctorTime(t *testing.T) {
	aa, bb := twoStates(t)
	a, client := clockmaker(t, aa.Session)
	for _, c := range []struct {
		stamp  Stamper
		status verify.Status
	}{{silent{}, verify.Fails}, {client, verify.Undecided}} {
		got := aa.DoctorTime(t.Context(), c.stamp)
		if len(got) == 0 || got[len(got)-1].Status != c.status {
			t.Errorf("%+v", got)
		}
	}
	agreed(t, a, aa, bb)
	if got := aa.DoctorTime(t.Context(), client); len(got) != 2 || got[0].Status != verify.Holds || got[1].Status != verify.Holds {
		t.Errorf("%+v", got)
	}
	if got := aa.DoctorTime(t.Context(), nil); got != nil {
		t.Errorf("nobody was asked: %+v", got)
	}
	if _, err := aa.Propose(trustlist.Proposal{Lying: -1, Drop: []string{"sha256:" + strings.Repeat("0", 64)}}); !errors.Is(err, trustlist.ErrProposal) {
		t.Errorf("dropped what is not there: %v", err)
	}
}
