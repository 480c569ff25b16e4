//go:build engines

package desk

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the library says of every package of ours that passes, and why it is no error.
var expectedOfDSS = []string{
	// Certificates name no address where their issuer could be asked: whoever validates
	// has the authority's certificate already, and nothing is fetched.
	"signature warning\tBBB_XCV_AIA_PRES_ANS The authority info access is not present!",
	"signature warning\tBBB_XCV_REVOC_PRES_ANS The revocation info access is not present!",
}

// The European Commission's library takes a package for what it is, under its own default
// policy and with the authorities as trust anchors: an ASiC-E container with a CAdES
// signature of baseline level LT, without error, and of level LTA once it was renewed,
// and renewed again; and one of level T, of which it asks
// only whether the certificate was revoked, for level T does not say. A changed copy and
// a changed token are found.
func TestEngineDSS(t *testing.T) {
	w := newForeignWorld(t)
	levelT, levelLT := w.pack(t, "t.asice", Packing{}), w.pack(t, "lt.asice", Packing{LongTerm: true})
	inDir := func(name string) string { return filepath.Join(w.dir, name) }
	renewFile(t, w.s, w.client, inDir("lt.asice"), inDir("lta.asice"))
	renewFile(t, w.s, w.client, inDir("lta.asice"), inDir("lta2.asice"))
	w.write(t, "copy.asice", with(t, levelLT, "payload/1/1.txt", func(b []byte) { b[0] ^= 1 }))
	w.write(t, "token.asice", otherStamp(t, levelLT, levelT))
	said := w.dss(t)
	passes := append([]string{"container\tASiC-E", "signatures\t1", "format\tCAdES-BASELINE-LT", "signature\tTOTAL_PASSED", "timestamp\tPASSED"}, expectedOfDSS...)
	if got := said["lt.asice"]; !same(got, passes) {
		t.Errorf("level LT: %q", got)
	}
	lta := append([]string{"container\tASiC-E", "signatures\t1", "format\tCAdES-BASELINE-LTA", "signature\tTOTAL_PASSED", "timestamp\tPASSED"}, expectedOfDSS...)
	for _, name := range []string{"lta.asice", "lta2.asice"} {
		if got := said[name]; !same(got, lta) {
			t.Errorf("%s: %q", name, got)
		}
	}
	asks := append([]string{
		"container\tASiC-E", "signatures\t1", "format\tCAdES-BASELINE-T", "signature\tINDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE", "timestamp\tPASSED",
		"signature error\tBBB_XCV_SUB_ANS The certificate validation is not conclusive!",
		"signature error\tBBB_XCV_IRDPFC_ANS No revocation data found for the certificate!",
	}, expectedOfDSS...)
	if got := said["t.asice"]; !same(got, asks) {
		t.Errorf("level T: %q", got)
	}
	// Of a token over something else the library names either fault: it is over other
	// bytes, and what it is over is not what was signed.
	for name, facts := range map[string][]string{
		"copy.asice":  {"signature\tTOTAL_FAILED HASH_FAILURE"},
		"token.asice": {"timestamp\tFAILED HASH_FAILURE", "timestamp\tFAILED SIG_CRYPTO_FAILURE"},
	} {
		if got := said[name]; !slices.ContainsFunc(facts, func(fact string) bool { return slices.Contains(got, fact) }) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// dss asks the library about every package in the folder: by file, what it says.
func (w *foreignWorld) dss(t *testing.T) map[string][]string {
	t.Helper()
	checker, err := filepath.Abs("testdata/foreign/ValidatePackage.java")
	noError(t, err)
	lib, err := filepath.Abs("../../../tmp/servers/dss/lib")
	noError(t, err)
	files, err := filepath.Glob(filepath.Join(w.dir, "*.asice"))
	noError(t, err)
	args := []string{"-cp", lib + "/*", checker, "authority.der", "tsa.der"}
	for _, f := range files {
		args = append(args, filepath.Base(f))
	}
	cmd := exec.CommandContext(t.Context(), "java", args...)
	cmd.Dir = w.dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("java: %v\n%s", err, stderrOf(err))
	}
	said := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		file, fact, _ := strings.Cut(strings.TrimSpace(line), "\t")
		said[file] = append(said[file], fact)
	}
	return said
}
