// Package contract holds the rules of the states' shared channel (spec/anchor.md,
// "Chaincode"): who may write what on it, and when. It is what the chaincode does, as a
// pure function of the channel's state and of one transaction, so that it can be tested
// without the channel.
//
// It reads no clock, draws no random number and keeps nothing between transactions:
// the peers of all states must come to the same writes, or none of it is endorsed.
package contract
