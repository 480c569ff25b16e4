// Package caseuco writes the investigation that a dossier tells of as CASE 1.4.0
// JSON-LD (spec/case.md), for the tools of laboratories: items and their files with
// digests, provenance records, every act with who did it and when, authorisations and
// use limits; and, in a namespace of our own, what CASE has no words for: seals,
// handoffs, places in ledgers, what is held back.
//
//	err := caseuco.Write(w, dossier)
//
// The graph follows from the dossier alone and says nothing that is not in it: same
// dossier, same bytes. It proves nothing by itself; a reader of the package computes it
// again and compares. What version 1 wrote is written by every later version on demand.
package caseuco
