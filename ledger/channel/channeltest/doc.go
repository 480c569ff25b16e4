// Package channeltest starts the states' channel for tests: a Hyperledger Fabric network
// of three states AA, BB and CC with a peer and our chaincode each, and an ordering
// service, on loopback, in a folder of its own, without Docker.
//
// Fabric's programs are those of the module fabric beneath, which .ci/servers builds
// into tmp/servers/fabric; with CUSTODY_FABRIC=2.5.9 in the environment, those of the module
// fabric-2.5.9. They have known weaknesses and are for loopback alone.
//
// Every process is stopped by its own id and awaited. Readiness is asked for, never
// slept for. It runs on Linux.
package channeltest
