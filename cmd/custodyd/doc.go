// Command custodyd is a member state's node: it serves a home's published ledger,
// read-only, and the state's witness and auditor of other states' ledgers, over HTTP
// (spec/node.md; README.md beside this file is for who operates it).
package main
