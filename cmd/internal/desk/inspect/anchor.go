package inspect

import (
	"bytes"
	"strings"

	"example.org/custody/ledger/anchor"
)

// inspectAgreement reads what states agree about their shared channel.
func inspectAgreement(i *Inspection, f *inspected) (bool, error) {
	if !f.begins(`{"chaincode":`) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	a, err := anchor.ParseAgreement(b)
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "channel-agreement", "agreement about the states' shared channel"
	var states []string
	for _, m := range a.States {
		states = append(states, m.MSP)
	}
	i.fact("channel", "%s, chaincode %s", a.Channel, a.Chaincode)
	i.fact("states", "%s; %d must endorse", strings.Join(states, ", "), a.Endorsements)
	i.fact("orderers", "%d must sign a block", a.OrdererSignatures)
	i.fact("instrument", "%s=%s", a.Name(), a.Digest())
	i.Note = "It counts where the trust list names it: custody trust propose --instrument, with the last line."
	return true, nil
}

// inspectAnchor reads an anchor proof.
func inspectAnchor(i *Inspection, f *inspected) (bool, error) {
	if !f.begins(`{"answers":[`) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	p, err := anchor.ParseProof(bytes.TrimSuffix(b, []byte("\n")))
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "anchor-proof", "proof of a transaction on the states' shared channel"
	i.fact("block", "%d bytes, in which it is transaction %d", len(p.Block), p.Transaction)
	i.fact("answers", "of %d peers, whether it was committed", len(p.Answers))
	i.Note = "What it proves is said under an agreement: custody pack --anchor encloses it, and custody verify checks it."
	return true, nil
}
