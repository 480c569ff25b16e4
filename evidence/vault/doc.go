// Package vault keeps a desk's evidence: it takes files in, encrypted on the way
// into a store, and keeps everything that must be erasable, which never enters
// the store: the keys of the objects, the bodies of events, the register of what
// was sealed before. The format is spec/vault.md.
//
// Taking files in is one pass over their bytes, in flat memory:
//
//	err := v.Ingest(ctx, vault.Intake{Source: src, Found: found, Which: evidence.WithSHA256, Each: record})
//	…                         // sign and log the event that says so
//	err = v.Commit(ctx, nil)  // or v.Abandon(ctx)
//
// What a process leaves that ends in between is found by the next [Open]:
// [Vault.Unfinished] asks whether the event was signed, and Commit or Abandon
// follows. Nothing of it is then left, or nothing is lost.
//
// Erasing is done to the end or not begun, whenever the process ends, and is
// reported with everyone who ever held a key ([Vault.Erase]).
//
// A Vault may be used by several goroutines, except that one sealing and one
// erasure at a time is under way.
package vault
