package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/spec/spectest"
)

// agreed runs the verb in a folder with certificates of three states and an ordering
// organisation, and returns what it wrote and printed.
func agreed(t *testing.T, dir, out string, args ...string) (*anchor.Agreement, string, error) {
	t.Helper()
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "@", dir+"/")
	}
	var said bytes.Buffer
	argv := append([]string{"custody-channel", "agreement", "--out", filepath.Join(dir, out)}, args...)
	if err := newApp(ui.Streams{Out: &said, Err: io.Discard}).RunContext(t.Context(), argv); err != nil {
		return nil, said.String(), err
	}
	b, err := os.ReadFile(filepath.Join(dir, out))
	if err != nil {
		t.Fatal(err)
	}
	if err := spectest.Check(spectest.Schema(t, "channel"), b); err != nil {
		t.Error(err)
	}
	a, err := anchor.ParseAgreement(b)
	if err != nil {
		t.Fatal(err)
	}
	return a, said.String(), nil
}

// certificates writes what the tests name with @.
func certificates(t *testing.T) (dir string, der map[string][]byte) {
	t.Helper()
	dir, der = t.TempDir(), map[string][]byte{}
	put := func(name string, b []byte) {
		der[name] = b
		if err := os.WriteFile(filepath.Join(dir, name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"AA", "BB", "CC", "new", "ORD"} {
		ca := anchortest.NewAuthority(name)
		put(name, ca.DER)
		put("of-"+name, ca.Issue(time.Unix(0, 0), time.Unix(1<<32, 0), "orderer").DER)
	}
	return dir, der
}

// three are the flags of an agreement of three states.
func three(more ...string) []string {
	return append([]string{"--channel", "anchors", "--state", "CC=@CC.pem", "--state", "AA=@AA.pem", "--state", "BB=@BB.pem", "--orderer", "ORD=@ORD.pem"}, more...)
}

func TestAgreement(t *testing.T) {
	dir, der := certificates(t)
	a, said, err := agreed(t, dir, "one", three()...)
	if err != nil {
		t.Fatal(err)
	}
	if said != "channel-anchors/1="+a.Digest().String()+"\n" {
		t.Errorf("printed %q", said)
	}
	if a.Endorsements != 2 || a.OrdererSignatures != 1 || len(a.States) != 3 || a.States[0].MSP != "AA" || !bytes.Equal(a.States[2].Authorities[0], der["CC"]) {
		t.Errorf("%+v", a)
	}
}

// An orderer of SmartBFT signs under a number; of four, three must.
func TestAgreementOfConsenters(t *testing.T) {
	dir, _ := certificates(t)
	var flags []string
	for _, id := range []string{"4", "2", "1", "3"} {
		flags = append(flags, "--consenter", id+"=ORD=@of-ORD.pem")
	}
	a, _, err := agreed(t, dir, "one", three(flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	if a.OrdererSignatures != 3 || len(a.Consenters) != 4 || a.Consenters[3].ID != 4 {
		t.Errorf("%d signatures, %d consenters", a.OrdererSignatures, len(a.Consenters))
	}
}

// With more orderers more must sign, and fewer than that are refused; what was chosen
// above the usual stays.
func TestAgreementGrows(t *testing.T) {
	dir, _ := certificates(t)
	var four, more []string
	for _, id := range []string{"1", "2", "3", "4"} {
		four = append(four, "--consenter", id+"=ORD=@of-ORD.pem")
	}
	for _, id := range []string{"5", "6", "7"} {
		more = append(more, "--consenter", id+"=ORD=@of-ORD.pem")
	}
	if _, _, err := agreed(t, dir, "one", three(four...)...); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[string]int{"": 5, "6": 6, "4": 0} {
		args := append([]string{"--from", "@one"}, more...)
		if n != "" {
			args = append(args, "--orderer-signatures", n)
		}
		a, _, err := agreed(t, dir, "two"+n, args...)
		if (err == nil) != (want > 0) || err == nil && a.OrdererSignatures != want {
			t.Errorf("--orderer-signatures %q: %+v, %v", n, a, err)
		}
	}
}

// The next version keeps what is not named, and a revoked certificate stays revoked.
func TestAgreementFrom(t *testing.T) {
	dir, der := certificates(t)
	if _, _, err := agreed(t, dir, "one", three("--revoked", "@of-AA.pem", "--endorsements", "3")...); err != nil {
		t.Fatal(err)
	}
	a, said, err := agreed(t, dir, "two", "--from", "@one", "--state", "BB=@new.pem", "--revoked", "@of-BB.pem", "--revoked", "@of-AA.pem")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(said, "channel-anchors/2=") || a.Version != 2 || a.Endorsements != 3 || len(a.States) != 3 || !bytes.Equal(a.States[1].Authorities[0], der["new"]) {
		t.Errorf("%q, %+v", said, a)
	}
	for _, name := range []string{"of-AA", "of-BB"} {
		if len(a.Revoked) != 2 || !slices.Contains(a.Revoked, evidence.Hash(sha256.Sum256(der[name]))) {
			t.Errorf("%s is not revoked: %v", name, a.Revoked)
		}
	}
}

func TestAgreementRefused(t *testing.T) {
	dir, _ := certificates(t)
	if _, _, err := agreed(t, dir, "one", three()...); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"no states":              {"--channel", "anchors", "--orderer", "ORD=@ORD.pem"},
		"no orderers":            {"--channel", "anchors", "--state", "AA=@AA.pem"},
		"no name":                three()[2:],
		"half of the states":     three("--endorsements", "1"),
		"too many":               three("--endorsements", "4"),
		"no authority":           three("--state", "DD=@of-AA.pem"),
		"two in one file":        three("--state", "DD=@two.pem"),
		"no certificate":         three("--state", "DD=@one"),
		"no file":                three("--state", "DD=@none.pem"),
		"no equals sign":         three("--state", "DD"),
		"an orderer of nobody's": three("--consenter", "1=XX=@of-ORD.pem"),
		"number zero":            three("--consenter", "0=ORD=@of-ORD.pem"),
		"no number":              three("--consenter", "x=ORD=@of-ORD.pem"),
		"from no agreement":      {"--from", "@AA.pem"},
		"an argument":            three("one"),
	} {
		t.Run(name, func(t *testing.T) {
			one, _ := os.ReadFile(filepath.Join(dir, "AA.pem"))
			two, _ := os.ReadFile(filepath.Join(dir, "BB.pem"))
			if err := os.WriteFile(filepath.Join(dir, "two.pem"), append(one, two...), 0o600); err != nil {
				t.Fatal(err)
			}
			_, said, err := agreed(t, dir, "refused", args...)
			if err == nil || said != "" {
				t.Errorf("%v, printed %q", err, said)
			}
			if _, err := os.Lstat(filepath.Join(dir, "refused")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a file is there: %v", err)
			}
		})
	}
	if _, _, err := agreed(t, dir, "one", three()...); err == nil {
		t.Error("an agreement that was there was overwritten")
	}
}

// The unit for systemd names flags that there are, and all that are required.
func TestServiceFile(t *testing.T) {
	b, err := os.ReadFile("custody-channel.service")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, word := range strings.Fields(string(b)) {
		if name, ok := strings.CutPrefix(word, "--"); ok {
			named[name] = true
		}
	}
	for _, f := range serveCommand(ui.Streams{}).Flags {
		if r, ok := f.(cli.RequiredFlag); ok && r.IsRequired() && !named[f.Names()[0]] {
			t.Errorf("it does not name --%s", f.Names()[0])
		}
		delete(named, f.Names()[0])
	}
	if len(named) > 0 {
		t.Errorf("it names what is no flag: %v", named)
	}
}
