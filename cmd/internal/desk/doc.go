// Package desk holds the workflows behind the tool's verbs: what one desk, that
// is one authority's keys, embedded ledger, vault and store in one folder, does
// to take evidence into custody, hand it over, work on it, pack it and keep it.
//
// A [Home] is the folder (spec/home.md). [Open] takes it for this process and
// puts right what an interrupted one left behind; [Home.Unlock] gives a
// [Session], which has an officer's key and can act. Every act goes the same
// way, in act.go: admit, sign, queue, log, keep. Nothing here prints or asks.
package desk
