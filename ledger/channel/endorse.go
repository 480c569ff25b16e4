package channel

import (
	"slices"
	"time"

	"example.org/custody/ledger/anchor"
	"github.com/hyperledger/fabric-protos-go/msp"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel/invoke"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/common/verifier"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/errors/status"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/txn"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's messages are of the old interface
)

// endorse is a handler of the SDK that asks the peers it is given all at once, and goes
// on as soon as those of enough states answer alike. So a peer that is silent keeps
// nothing waiting, and one that answers anything else decides nothing: the SDK's own
// handlers fail on the first peer that does not agree, and choose it again.
type endorse struct {
	agreement *anchor.Agreement // whose peers count, and of how many states must answer alike
	odd       func(*OddError)   // gets who answers otherwise, perhaps later; may be nil
	next      invoke.Handler    // gets the answers that are alike; may be nil
}

// Handle implements [invoke.Handler]. A refusal that enough states share is the error.
// Other errors are the SDK's, of a kind that is tried again.
func (e endorse) Handle(r *invoke.RequestContext, c *invoke.ClientContext) {
	header, err := c.Transactor.CreateTransactionHeader()
	if err == nil {
		r.Response.Proposal, err = txn.CreateChaincodeInvokeProposal(header, fab.ChaincodeInvokeRequest{
			ChaincodeID: r.Request.ChaincodeID, Fcn: r.Request.Fcn, Args: r.Request.Args})
	}
	if err != nil {
		r.Error = err
		return
	}
	r.Response.TransactionID = r.Response.Proposal.TxnID
	words, err := e.collect(r, c)
	if err != nil {
		r.Error = err
		return
	}
	for _, w := range words {
		r.Response.Responses = append(r.Response.Responses, w.response)
	}
	r.Response.Payload = words[0].response.GetResponse().GetPayload()
	if e.next != nil {
		e.next.Handle(r, c)
	}
}

// collect asks all peers, and returns the words of as many states as it takes.
func (e endorse) collect(r *invoke.RequestContext, c *invoke.ClientContext) ([]word, error) {
	states, said := e.agreement.Endorsements, make(chan word, len(r.Opts.Targets))
	for _, peer := range r.Opts.Targets {
		proposal := r.Response.Proposal
		go func() { said <- e.counted(ask(c, proposal, peer)) }()
	}
	late := time.NewTimer(answerIn)
	defer late.Stop()
	var all []word
	for len(all) < len(r.Opts.Targets) {
		select {
		case w := <-said:
			all = append(all, w)
		case <-late.C:
			return nil, status.New(status.ClientStatus, status.Timeout.ToInt32(), undecided(withSilent(all, r.Opts.Targets), states), nil)
		}
		if alike := enough(all, states); alike != nil {
			go e.tell(all, said, len(r.Opts.Targets)-len(all), alike)
			return alike, alike[0].refused()
		}
	}
	return nil, status.New(status.EndorserClientStatus, status.EndorsementMismatch.ToInt32(), undecided(all, states), nil)
}

// counted is the word, or that it does not count: the states' peers alone decide.
func (e endorse) counted(w word) word {
	if e.agreement.HasState(w.state) {
		return w
	}
	return word{peer: w.peer, state: w.state, err: errNoState}
}

// withSilent adds the peers that have not answered.
func withSilent(all []word, peers []fab.Peer) []word {
	for _, p := range peers {
		if !slices.ContainsFunc(all, func(w word) bool { return w.peer == p.URL() }) {
			all = append(all, word{peer: p.URL(), state: p.MSPID(), err: errNoAnswer})
		}
	}
	return all
}

// tell says who answers otherwise than those that decided, of those that have answered
// and of the rest that still may.
func (e endorse) tell(all []word, said <-chan word, rest int, alike []word) {
	for range rest {
		all = append(all, <-said)
	}
	if e.odd == nil {
		return
	}
	for _, w := range all {
		if w.err == nil && !w.is(alike[0]) {
			e.odd(&OddError{Peer: w.peer, State: w.state, Says: w.String(), States: statesOf(alike)})
		}
	}
}

// ask returns one peer's word. What it has not signed is no answer, but for a refusal,
// which Fabric does not sign.
func ask(c *invoke.ClientContext, p *fab.TransactionProposal, peer fab.Peer) word {
	w := word{peer: peer.URL(), state: peer.MSPID()}
	responses, err := c.Transactor.SendTransactionProposal(p, []fab.ProposalProcessor{peer})
	if err == nil && (len(responses) != 1 || responses[0].ProposalResponse == nil) {
		err = errNoAnswer
	}
	if err != nil {
		return w.failed(err)
	}
	w.response = responses[0]
	if err := (&verifier.Signature{Membership: c.Membership}).Verify(w.response); err != nil {
		return w.failed(err)
	}
	var id msp.SerializedIdentity
	if err := proto.Unmarshal(w.response.GetEndorsement().GetEndorser(), &id); err != nil {
		return w.failed(err)
	}
	w.state = id.Mspid
	return w
}
