package main

import (
	"errors"
	"strings"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/verify/admit"
)

// explained turns errors that carry data, and so have no sentinel that a code
// could claim, into problems. Everything else is left as it is.
func explained(err error) error {
	var p *ui.Problem
	var refusal *admit.Refusal
	var closed *ledger.ClosedError
	var storeFormat *store.FormatError
	var vaultFormat *vault.FormatError
	var chain *evidence.ChainError
	switch {
	case err == nil || errors.As(err, &p):
		return err
	case errors.As(err, &refusal):
		return refusalProblem(err, refusal)
	case errors.As(err, &closed):
		return ui.NewProblem(codeSealClosed, nil, "%v", err)
	case errors.As(err, &storeFormat), errors.As(err, &vaultFormat):
		return ui.NewProblem(codeHomeVersion, nil, "%v", err)
	case errors.As(err, &chain):
		return ui.NewProblem(codeHistory, nil, "%v", err)
	}
	return err
}

// refusalProblem says who may do what was refused, by its reason.
func refusalProblem(err error, r *admit.Refusal) *ui.Problem {
	p := ui.NewProblem(codeRefused, nil, "%v", err)
	switch r.Code {
	case admit.CodeCustodian:
		p.Do = []string{"let the custodian act: custody show says who that is", "--as OFFICER, if this desk has that key"}
	case admit.CodeReceiver:
		if strings.HasPrefix(r.What, string(evidence.Offer)) {
			p.Do = []string{"--to another officer than the one who acts"}
			break
		}
		p.Do = []string{"let the officer act whom the offer names", "--as OFFICER, if this desk has that key"}
	case admit.CodeSecond:
		p.Do = []string{"--second OFFICER"}
		if strings.HasPrefix(r.What, string(evidence.Withdraw)) {
			p.Do = []string{"--second OFFICER, when the receiver is of this desk", "wait until the answer is due, and withdraw alone"}
		}
	case admit.CodeHold:
		p.Do = []string{"custody release, once the order allows it"}
	case admit.CodeRole:
		p.Do = []string{"act with a key that is enrolled in such a role: custody key list", "custody key new OFFICER --role ROLE"}
	case admit.CodePeriod, admit.CodeEnrolment:
		p.Do = []string{"act with a key that is enrolled: custody key list"}
	case admit.CodeState:
		p.Do = []string{"custody history ITEM shows what was done before"}
	}
	return p
}
