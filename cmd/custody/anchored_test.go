package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk/desktest"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/signing/trust"
)

// envChannel is a folder of [signsAlone], on whose channel the packages of a script are
// anchored. It is empty unless the scripts are run again so.
const envChannel = "CUSTODY_TEST_CHANNEL"

// Files in that folder.
const (
	channelAgreement = "channel.json"
	channelAddress   = "address"
)

// signsAlone is a channel that anchors whatever checkpoint it is shown: what signs on a
// real one, without the rules by which it does. It returns the folder about it, and what
// counts its anchors.
func signsAlone(t *testing.T) (folder string, anchored func() int64) {
	t.Helper()
	folder = t.TempDir()
	c := anchortest.NewChannel("common", time.Now())
	var count atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		count.Add(1)
		_, _ = w.Write(c.Record(c.Anchors(signed), []string{"BB", "CC"}, "AA", "BB"))
	}))
	t.Cleanup(s.Close)
	err := errors.Join(os.WriteFile(filepath.Join(folder, channelAgreement), c.Agreement, 0o600),
		os.WriteFile(filepath.Join(folder, channelAddress), []byte(s.URL), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return folder, count.Load
}

// onChannel has the lists that a line of a script founds name the agreement about the
// script's channel, and returns the flags by which a line that packs encloses an anchor of
// its desk's ledger: none for a line that says itself what is enclosed, and for a desk
// that has no ledger or whose list does not name the agreement.
func onChannel(args []string) []string {
	folder := os.Getenv(envChannel)
	if folder == "" {
		return nil
	}
	file := filepath.Join(folder, channelAgreement)
	a, err := anchor.ParseAgreement(orPanic(os.ReadFile(file)))
	if err != nil {
		panic(err)
	}
	desktest.Agree(trust.Pin{Name: a.Name(), Digest: a.Digest()})
	home, packs := packsAt(args)
	if !packs {
		return nil
	}
	list, err := os.ReadFile(filepath.Join(home, "trust", "list.note"))
	signed, err2 := os.ReadFile(filepath.Join(home, "ledger", "log", "checkpoint"))
	if err != nil || err2 != nil {
		return nil
	}
	if l, err := trust.Open(list, nil); err != nil || a.PinnedBy(l) != nil {
		return nil
	}
	return []string{"--agreement", file, "--anchor", anchorOf(folder, signed)}
}

// packsAt returns the home at which a line packs, without an anchor of its own.
func packsAt(args []string) (home string, packs bool) {
	app := newTool(ui.Streams{}, verbs).app
	words, flags, _ := split(args, arity(app))
	at, _, err := findVerb(app, words)
	if err != nil || len(at) != 1 || at[0].Name != "pack" {
		return "", false
	}
	home = os.Getenv("CUSTODY_HOME")
	for _, f := range flags {
		switch {
		case slices.Contains([]string{"anchor", "agreement", "help"}, f.name):
			return "", false
		case f.name == "home":
			home = f.value
		}
	}
	return home, true
}

// anchorOf has a checkpoint anchored and returns a file with the proof.
func anchorOf(folder string, signed []byte) string {
	resp, err := http.Post(string(orPanic(os.ReadFile(filepath.Join(folder, channelAddress)))), "", bytes.NewReader(signed))
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	proof := orPanic(io.ReadAll(resp.Body))
	if resp.StatusCode != http.StatusOK {
		panic(fmt.Sprintf("%s: %s", resp.Status, proof))
	}
	f := orPanic(os.CreateTemp("", "*.anchor"))
	defer f.Close()
	if _, err := f.Write(proof); err != nil {
		panic(err)
	}
	return f.Name()
}

func orPanic[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
