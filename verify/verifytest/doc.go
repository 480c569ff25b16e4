// Package verifytest makes worlds for tests: member states with ledgers,
// witnesses, auditors and authorities, officers with enrolled keys, items with
// histories across borders, and dossiers and packages of them. Everything is in
// memory and follows from the configuration: same calls, same bytes.
//
//	w := verifytest.New(verifytest.Config{})        // two states, AA and BB
//	ann := w.State("AA").Enrol(evidence.RoleCollector)
//	bob := w.State("BB").Enrol(evidence.RoleExaminer)
//	item := ann.Collect(verifytest.Record{Files: []verifytest.File{{Path: "a.txt", Content: []byte("a")}}})
//	item.Offer(ann, bob)
//	item.Accept(bob)
//	d := w.Dossier(item)                            // holds under w.Trust()
//
// Nothing here asks whether an act is allowed: a world logs what it is told to,
// so that tests can make histories that a node would refuse. An event can be
// changed before it is signed ([Edit]), a dossier afterwards, as it is plain
// data, and the statement of a package before it is signed.
//
// It is test support: it imports testing and panics on its own mistakes.
package verifytest
