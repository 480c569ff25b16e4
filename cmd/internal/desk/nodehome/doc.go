// Package nodehome is the folder node/ of a home whose ledger a node keeps, and what
// custodyd opens of it (spec/home.md).
//
//	node.json       origin, state and recovery recipient, as the desk had them
//	identity.txt    the node's age identity, in clear
//	ledger.key      the ledger's signing key, in clear: a machine signs
//	bodies/ handoffs/ access.jsonl      spec/node.md
//
// The desk makes it once, with its officers' keys; the node needs none of them. It
// cannot open the desk's vault, and it holds no key of an open seal.
package nodehome
