// Package wire holds what a node's signed calls send and answer (spec/node.md,
// "Signed calls"), as Go values and as bytes: RFC 8785 JSON, read in that one form
// and written in it. It looks at nothing that is inside: envelopes, records and
// dossiers are their own packages' to judge.
package wire
