// Command custody-channel anchors a state's ledger on the states' shared Fabric channel,
// beside the node (spec/anchor.md).
//
// It is the only program with fabric-sdk-go, and a process of its own for that reason: it
// has no key of the ledger, no officer's key and no vault. It reads the node's public
// checkpoint and tiles, as anybody may, and answers over a Unix socket to whoever on this
// machine may open it. The node asks it for nothing, so no receipt waits for the channel.
//
// Before that, its verb agreement writes what the states agree about the channel. A tour with
// --channel starts one beside each of its nodes.
//
// The interface of the socket is HTTP:
//
//	POST /v1/anchor              anchor the newest checkpoint at once; answers the anchor proof
//	POST /v1/alarm               show an alarm (spec/leaf.md); answers the proof that it is recorded
//	POST /v1/trust               vote for a signed trust list; answers the proof of the vote
//	POST /v1/standard/ID/VERSION vote for the pack whose SHA-256 in hexadecimal is the body
//	GET  /v1/head?origin=ORIGIN  the newest anchor of any state's ledger
//	GET  /v1/proof/TRANSACTION   the anchor proof of a transaction, verified
//
// What fails is {"code":"…","what":"…"}: 409 when the channel's rules refuse it, with
// the reason as code; 502 when channel or node do not answer, or prove nothing.
package main
