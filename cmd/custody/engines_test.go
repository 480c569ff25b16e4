package main

import (
	"crypto/rand"
	"os"
	"slices"
	"strings"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/store/s3"
)

// What a script's environment says of the engines of its desks; both are empty unless the
// scripts are run again over servers.
const (
	envEngine = "CUSTODY_TEST_ENGINE" // flags of an engine, between blanks
	envStore  = "CUSTODY_TEST_STORE"  // place of a bucket
)

// onEngines returns the flags by which a line of a script makes its desks over the
// servers that the script's environment names: none for a line that makes no desk, or
// says itself where the desk keeps things.
func onEngines(args []string) (more []string) {
	app := newTool(ui.Streams{}, verbs).app
	words, flags, _ := split(args, arity(app))
	at, _, err := findVerb(app, words)
	if err != nil || !slices.Contains([]string{"init", "tour"}, at[len(at)-1].Name) || len(at) > 1 {
		return nil
	}
	given := func(names ...string) bool {
		return slices.ContainsFunc(flags, func(f flagWord) bool { return slices.Contains(names, f.name) })
	}
	if !given("engine", "database", "log-server", "node") {
		more = strings.Fields(os.Getenv(envEngine))
	}
	if place := os.Getenv(envStore); place != "" && !given("store", "store-unlocked", "make-bucket", "retention") {
		l, err := s3.ParseLocation(place)
		if err != nil {
			panic(err)
		}
		more = append(more, "--store", l.Below(rand.Text()).String())
	}
	return more
}
