// Package engine opens a desk's ledger with the engine that keeps it: the embedded one,
// or Trillian. The ledger's folder says which. What is published lies in it in one form
// whatever the engine, so that reading needs none.
package engine
