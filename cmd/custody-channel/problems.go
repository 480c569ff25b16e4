package main

import (
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel"
	"example.org/custody/signing/trust"
)

// What can keep it from starting. The ledger and its receipts do not wait for it.
var _ = ui.Register(
	ui.Entry{Code: "E-AGREEMENT", Title: "Not an agreement about the channel", For: []error{anchor.ErrAgreement},
		Means: "it is not known whose peers count, so nothing is anchored; evidence and receipts are untouched",
		Do:    []string{"take the agreement from this state's authority again"}},
	ui.Entry{Code: "E-AGREEMENT-PIN", Title: "Agreement that the trust list does not name", For: []error{anchor.ErrPin},
		Means: "nobody could check what would be anchored under it, so nothing is anchored; evidence and receipts are untouched",
		Do:    []string{"custody trust show, and look for the instrument of the channel", "take list and agreement from this state's authority again"}},
	ui.Entry{Code: "E-TRUST-LIST", Title: "Not a trust list that counts", For: []error{trust.ErrForm, trust.ErrSignature, trust.ErrQuorum},
		Means: "it is not known which agreement counts, so nothing is anchored; evidence and receipts are untouched",
		Do:    []string{"take the list from this state's authority again"}},
	ui.Entry{Code: "E-CHANNEL-SDK", Class: ui.ErrUsage, Title: "Not a configuration of fabric-sdk-go", For: []error{errPeers, channel.ErrPeers},
		Means: "nobody could be asked whether what is anchored was committed, so nothing is anchored; evidence and receipts are untouched",
		Do:    []string{"name the peers of each state under its organisation in that file", "or with --peer"}},
	ui.Entry{Code: "E-SOCKET", Title: "Socket in use", For: []error{errAnswers},
		Means: "another process answers there and was left alone; nothing is anchored twice",
		Do:    []string{"end the other one first, or name another --socket"}},
)
