package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/node"
	"example.org/custody/signing"
)

// typed runs custodyd with what is typed.
func typed(t *testing.T, in string, args ...string) (exit int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	exit = run(append([]string{"custodyd"}, args...), ui.Streams{In: strings.NewReader(in), Out: &o, Err: &e})
	return exit, o.String(), e.String()
}

// init makes the folder once, with an officer's passphrase; mandate signs with the
// authority's key; serve --until-eof ends with its standard input.
func TestInit(t *testing.T) {
	c := home(t)
	if _, err := desk.Found(t.Context(), c.Now(), c); err != nil {
		t.Fatal(err)
	}
	_, err := c.AddOfficer(t.Context(), desk.NewOfficer{Alias: "ann", Role: evidence.RoleCustodian, Passphrase: "correct horse battery staple"})
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	with := []string{"--home", c.Dir, "--passphrase-fd", "0"}
	if exit, _, errs := typed(t, "wrong horse battery staple\n", append([]string{"init"}, with...)...); exit != ui.ExitFailed || nodehome.Made(c.Dir) || strings.Count(errs, "\n") != 3 {
		t.Errorf("a wrong passphrase: exit %d\n%s", exit, errs)
	}
	if exit, _, errs := typed(t, "correct horse battery staple\n", append([]string{"init"}, with...)...); exit != 0 {
		t.Fatalf("exit %d\n%s", exit, errs)
	}
	if exit, _, errs := typed(t, "correct horse battery staple\n", append([]string{"init"}, with...)...); exit != ui.ExitFailed || !strings.Contains(errs, "has a node already") {
		t.Errorf("again: exit %d\n%s", exit, errs)
	}
	for _, name := range []string{"identity.txt", "ledger.key", "node.json"} {
		if info, err := os.Stat(filepath.Join(c.Dir, "node", name)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	exit, out, errs := typed(t, "correct horse battery staple\n", append([]string{"mandate", "--auditor", strings.Repeat("1", 64), "--reference", "O-1", "--access-log"}, with...)...)
	if exit != 0 {
		t.Fatalf("exit %d\n%s", exit, errs)
	}
	checkMandate(t, out, c.Config.Origin)
	if exit, _, errs := typed(t, "", "serve", "--home", c.Dir, "--listen", "127.0.0.1:0", "--until-eof"); exit != 0 || !strings.Contains(errs, `"ended"`) {
		t.Errorf("exit %d\n%s", exit, errs)
	}
}

func checkMandate(t *testing.T, out string, o evidence.Origin) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(out, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := signing.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	var m node.Mandate
	if err := evidence.ParseCanonical(e.Payload, &m); err != nil || m.Ledger != o || !m.Log || m.Reference != "O-1" || !m.To.After(m.From) {
		t.Errorf("%+v, %v", m, err)
	}
}
