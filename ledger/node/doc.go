// Package node serves a state's ledger and its cosigners over HTTP (spec/node.md),
// so that desks and auditors on other machines need no shared folder.
//
//	GET  /checkpoint, /tile/…                the ledger, as C2SP tlog-tiles
//	POST /witness/add-checkpoint             this state's witness, C2SP tlog-witness
//	POST /auditor/add-checkpoint             its auditor, which reads every leaf first
//	GET  /{witness,auditor}/<H>/checkpoint   what the cosigner has recorded last
//	GET  /healthz, /readyz
//
// The ledger is read where its writer publishes it, and never written: a desk and
// its node use one home at the same time. Tiles come by rename, so a file that is
// there is whole; its length is checked all the same before it is sent.
//
// What a cosigner signs is durable before the answer leaves; ledger/witness sees to
// that. This package adds what stands between it and the network: limits of size,
// time, rate and number, the status codes, metrics, and a log of requests that says
// nothing about who made them.
package node
