// Package storetest is the conformance suite of evidence/store: every engine
// passes it, with and without faults. [Run] is called from the engine's own
// tests.
package storetest
