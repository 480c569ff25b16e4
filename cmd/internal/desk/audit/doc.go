// Package audit replays a ledger whole, holds the checkpoints at hand against it, and
// checks alarms: what anyone can do who has a copy of a ledger and its key or a trust
// list (spec/leaf.md). It needs no desk.
package audit
