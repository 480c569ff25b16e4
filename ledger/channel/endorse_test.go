package channel

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/contract"
	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's messages are of the old interface
	"github.com/hyperledger/fabric-protos-go/msp"
	pb "github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel/invoke"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/errors/status"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
)

// voice is a peer of the SDK that says one thing.
type voice struct {
	state   string
	payload string        // of its endorsement; empty: it refuses
	refuses error         // in the place of an endorsement
	after   time.Duration // when it speaks
	forged  bool          // its signature is wrong
}

func (v voice) MSPID() string              { return v.state }
func (v voice) URL() string                { return "peer." + v.state }
func (v voice) Properties() fab.Properties { return nil }

func (v voice) ProcessTransactionProposal(context.Context, fab.ProcessProposalRequest) (*fab.TransactionProposalResponse, error) {
	time.Sleep(v.after) // simulated
	if v.refuses != nil {
		return nil, v.refuses
	}
	id, err := proto.Marshal(&msp.SerializedIdentity{Mspid: v.state})
	if err != nil {
		return nil, err
	}
	signature := "right"
	if v.forged {
		signature = "wrong"
	}
	return &fab.TransactionProposalResponse{Endorser: v.URL(), Status: 200, ProposalResponse: &pb.ProposalResponse{
		Payload: []byte(v.payload), Response: &pb.Response{Status: 200, Payload: []byte("answer to " + v.payload)},
		Endorsement: &pb.Endorsement{Endorser: id, Signature: []byte(signature)}}}, nil
}

// refuses is how the SDK hands on that a chaincode refuses.
func refuses(c contract.Code) error {
	return status.New(status.ChaincodeStatus, 500, "refused, "+string(c)+": by the rules", nil)
}

// atLength is a refusal with more words than anybody wants to read.
func atLength(c contract.Code) error {
	return status.New(status.ChaincodeStatus, 500, "refused, "+string(c)+": "+strings.Repeat("no\n", 1e5), nil)
}

// wordy is more than an error says of what one peer says, in bytes.
const wordy = 1000

// sdk is of the SDK what the handler uses.
type sdk struct{ fab.Transactor }

func (sdk) TransactionID() fab.TransactionID { return "id" }
func (sdk) Creator() []byte                  { return []byte("creator") }
func (sdk) Nonce() []byte                    { return []byte("nonce") }
func (sdk) ChannelID() string                { return "anchors" }

func (s sdk) CreateTransactionHeader(...fab.TxnHeaderOpt) (fab.TransactionHeader, error) {
	return s, nil
}

func (sdk) SendTransactionProposal(_ *fab.TransactionProposal, to []fab.ProposalProcessor) ([]*fab.TransactionProposalResponse, error) {
	r, err := to[0].ProcessTransactionProposal(context.Background(), fab.ProcessProposalRequest{})
	if err != nil {
		return nil, err
	}
	return []*fab.TransactionProposalResponse{r}, nil
}

func (sdk) Validate([]byte) error   { return nil }
func (sdk) ContainsMSP(string) bool { return true }
func (sdk) Verify(_, _, signature []byte) error {
	if string(signature) != "right" {
		return errors.New("wrong signature")
	}
	return nil
}

// handled is what became of one proposal.
type handled struct {
	*invoke.RequestContext
	odd  []string      // states whose peers were reported
	took time.Duration // until it was decided
}

// agreed is an agreement of AA, BB and CC, two of which must say the same.
var agreed = &anchor.Agreement{Endorsements: 2, States: []anchor.Member{{MSP: "AA"}, {MSP: "BB"}, {MSP: "CC"}}}

// handle puts a proposal to voices.
func handle(t *testing.T, voices ...voice) (h handled) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var targets []fab.Peer
		for _, v := range voices {
			targets = append(targets, v)
		}
		told := make(chan *OddError, len(voices))
		h.RequestContext = &invoke.RequestContext{Request: invoke.Request{ChaincodeID: "anchor", Fcn: "anchor"}, Opts: invoke.Opts{Targets: targets}, Ctx: t.Context()}
		from := time.Now()
		endorse{agreement: agreed, odd: func(e *OddError) { told <- e }}.Handle(h.RequestContext, &invoke.ClientContext{Transactor: sdk{}, Membership: sdk{}})
		h.took = time.Since(from)
		time.Sleep(time.Hour) // simulated: all have spoken
		synctest.Wait()
		close(told)
		for e := range told {
			h.odd = append(h.odd, e.State)
			if !strings.Contains(e.Error(), e.Peer) || len(e.Error()) > wordy {
				t.Errorf("%d bytes: %.200s", len(e.Error()), e)
			}
		}
	})
	return h
}

// Whatever one state's peer says or keeps to itself, what the two others say alike goes
// on, without waiting; and who says otherwise is told.
func TestEndorse(t *testing.T) {
	aa, bb := voice{state: "AA", payload: "writes"}, voice{state: "BB", payload: "writes", after: time.Second}
	for name, c := range map[string]struct {
		third voice
		odd   []string
	}{
		"agrees":            {voice{payload: "writes", after: 2 * time.Second}, nil},
		"other writes":      {voice{payload: "others"}, []string{"CC"}},
		"other, later":      {voice{payload: "others", after: time.Minute}, []string{"CC"}},
		"refuses: caught":   {voice{refuses: refuses(contract.Caught)}, []string{"CC"}},
		"refuses: already":  {voice{refuses: refuses(contract.Already)}, []string{"CC"}},
		"wrong signature":   {voice{payload: "writes", forged: true}, nil},
		"no connection":     {voice{refuses: errors.New("connection refused")}, nil},
		"refuses at length": {voice{refuses: atLength(contract.Caught)}, []string{"CC"}},
		"of no state":       {voice{state: "ORD", payload: "others"}, nil},
		"never says a word": {voice{payload: "writes", after: 30 * time.Minute}, nil},
	} {
		c.third.state = cmp.Or(c.third.state, "CC")
		h := handle(t, c.third, aa, bb)
		if h.Error != nil || string(h.Response.Payload) != "answer to writes" || len(h.Response.Responses) != 2 || h.took != time.Second || !slices.Equal(h.odd, c.odd) {
			t.Errorf("%s: %v, %q, %d, odd %q after %v", name, h.Error, h.Response.Payload, len(h.Response.Responses), h.odd, h.took)
		}
		for _, r := range h.Response.Responses {
			if string(r.Payload) != "writes" || r.Endorser == "peer.CC" {
				t.Errorf("%s: endorsed by %s", name, r.Endorser)
			}
		}
	}
}

// One state counts once, and nothing is decided by fewer states than must endorse. A
// refusal is one when as many share it. What was said is told, peer by peer.
func TestEndorseNot(t *testing.T) {
	for name, c := range map[string]struct {
		voices  []voice
		code    contract.Code
		says    []string
		timeout bool
	}{
		"one state twice":      {[]voice{{state: "CC", payload: "x"}, {state: "CC", payload: "x"}, {state: "AA", payload: "y"}}, "", []string{"peer.CC of CC: endorses", "peer.AA of AA: endorses"}, false},
		"each its own":         {[]voice{{state: "AA", payload: "x"}, {state: "BB", payload: "y"}, {state: "CC", refuses: refuses(contract.Caught)}}, "", []string{"peer.CC of CC: refuses", "caught"}, false},
		"two refuse":           {[]voice{{state: "AA", refuses: refuses(contract.Already)}, {state: "BB", refuses: refuses(contract.Already)}, {state: "CC", payload: "x"}}, contract.Already, []string{"by the rules"}, false},
		"two refusals":         {[]voice{{state: "AA", refuses: refuses(contract.Already)}, {state: "BB", refuses: refuses(contract.Caught)}, {state: "CC", payload: "x"}}, "", []string{"already", "caught"}, false},
		"two gone":             {[]voice{{state: "AA", payload: "x"}, {state: "BB", refuses: errors.New("connection refused")}, {state: "CC", refuses: errors.New("connection refused")}}, "", []string{`peer.BB of BB: "connection refused"`}, false},
		"of no state":          {[]voice{{state: "AA", payload: "x"}, {state: "ORD", payload: "x"}, {state: "BB", payload: "y"}}, "", []string{"peer.AA of AA: endorses", "peer.ORD of ORD: it is a peer of no state"}, false},
		"refuses for no state": {[]voice{{state: "AA", refuses: refuses(contract.Caught)}, {state: "ORD", refuses: refuses(contract.Caught)}, {state: "BB", payload: "y"}}, "", []string{"peer.AA of AA: refuses", "peer.ORD of ORD: it is a peer of no state"}, false},
		"two at length":        {[]voice{{state: "AA", refuses: atLength(contract.Caught)}, {state: "BB", refuses: atLength(contract.Caught)}, {state: "CC", payload: "x"}}, contract.Caught, nil, false},
		"each at length":       {[]voice{{state: "AA", refuses: atLength(contract.Caught)}, {state: "BB", refuses: errors.New(strings.Repeat("no\n", 1e5))}, {state: "CC", payload: "x"}}, "", []string{"peer.AA of AA: refuses", "peer.BB of BB: \"no"}, false},
		"two silent":           {[]voice{{state: "AA", payload: "x"}, {state: "BB", payload: "x", after: time.Minute}, {state: "CC", payload: "x", after: time.Minute}}, "", []string{"peer.AA of AA: endorses", "peer.BB of BB: no answer", "peer.CC of CC: no answer"}, true},
	} {
		h := handle(t, c.voices...)
		if h.Error == nil || c.code != "" && !contract.IsRefused(h.Error, c.code) || len(h.Response.Responses) > 0 {
			t.Errorf("%s: %v", name, h.Error)
			continue
		}
		if len(h.Error.Error()) > 3*wordy || strings.Contains(h.Error.Error(), "\n") {
			t.Errorf("%s: said in %d bytes: %.200s", name, len(h.Error.Error()), h.Error)
		}
		for _, text := range c.says {
			if !strings.Contains(h.Error.Error(), text) {
				t.Errorf("%s: %v does not say %q", name, h.Error, text)
			}
		}
		s, ok := status.FromError(h.Error)
		if c.code == "" && (!ok || (s.Code == status.EndorsementMismatch.ToInt32()) == c.timeout) {
			t.Errorf("%s: %v is of another kind", name, h.Error)
		}
		if c.timeout != (h.took == answerIn) {
			t.Errorf("%s: after %v", name, h.took)
		}
	}
}

// ordererOf is of the SDK what has a transaction ordered and committed: how it takes it,
// and what a peer then says of it, if anything.
type ordererOf struct {
	sdk
	takes error
	code  pb.TxValidationCode
	shown bool
	fab.EventService
}

func (ordererOf) CreateTransaction(fab.TransactionRequest) (*fab.Transaction, error) {
	return new(fab.Transaction), nil
}

func (o ordererOf) SendTransaction(*fab.Transaction) (*fab.TransactionResponse, error) {
	return new(fab.TransactionResponse), o.takes
}

func (o ordererOf) RegisterTxStatusEvent(string) (fab.Registration, <-chan *fab.TxStatusEvent, error) {
	c := make(chan *fab.TxStatusEvent, 1)
	if o.shown {
		c <- &fab.TxStatusEvent{TxValidationCode: o.code}
	}
	return nil, c, nil
}

func (ordererOf) Unregister(fab.Registration) {}

// What was endorsed and is not committed says what it waits for: an orderer, or a block.
// What the rules or the peers say of it says so itself, after another try as well.
func TestCommit(t *testing.T) {
	late := status.New(status.ClientStatus, status.Timeout.ToInt32(), "late", nil)
	for name, c := range map[string]struct {
		on    ordererOf
		given error // what the SDK says after its time is over; nil: what the handler does
		again error // what peers say in another try
		want  error // nil: neither
	}{
		"orderer away":        {on: ordererOf{takes: errors.New("calling orderer 'o1' failed")}, want: ErrUnordered},
		"orderer silent":      {on: ordererOf{takes: context.DeadlineExceeded}, given: late, want: ErrUnordered},
		"orderer at length":   {on: ordererOf{takes: errors.New(strings.Repeat("no\n", 1e5))}, want: ErrUnordered},
		"no block":            {want: ErrUnseen},
		"found invalid":       {on: ordererOf{shown: true, code: pb.TxValidationCode_MVCC_READ_CONFLICT}},
		"refused when tried":  {on: ordererOf{takes: late}, again: &contract.RefusedError{Code: contract.Already, Err: late}},
		"no peer when tried":  {on: ordererOf{takes: late}, again: status.New(status.ClientStatus, status.Timeout.ToInt32(), "undecided", nil)},
		"refused as it began": {again: refuses(contract.Caught)},
	} {
		p := new(progress)
		ctx, over := context.WithTimeout(t.Context(), 0)
		r := &invoke.RequestContext{Ctx: ctx, Response: invoke.Response{Proposal: new(fab.TransactionProposal)}}
		if c.on.shown {
			r.Ctx = t.Context()
		}
		commit{p}.Handle(r, &invoke.ClientContext{Transactor: c.on, EventService: c.on})
		over()
		err := cmp.Or(c.given, r.Error)
		if c.again != nil {
			p.is(endorsing) // as [Client.Submit] has the SDK say
			err = c.again
		}
		err = p.failed(err)
		if err == nil || errors.Is(err, ErrUnordered) != (c.want == ErrUnordered) || errors.Is(err, ErrUnseen) != (c.want == ErrUnseen) || len(err.Error()) > wordy {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

// Peers that cannot endorse are refused before anything is asked: two of one state are
// one, and an orderer's organisation is none.
func TestOpenPeers(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "sdk.yaml")
	text := strings.ReplaceAll(`version: 1.0.0
client:
  organization: AA
  cryptoconfig: {path: @/crypto}
  credentialStore: {path: @/state, cryptoStore: {path: @/msp}}
  BCCSP: {security: {enabled: true, default: {provider: SW}, hashAlgorithm: SHA2, softVerify: true, level: 256}}
organizations:
  AA: {mspid: AA, cryptoPath: 'aa/{username}', peers: [p1.aa, p2.aa]}
  BB: {mspid: BB, cryptoPath: 'bb/{username}', peers: [p1.bb]}
  ORD: {mspid: ORD, cryptoPath: 'ord/{username}', peers: [p1.ord]}
peers:
  p1.aa: {url: 'grpc://127.0.0.1:1', grpcOptions: {allow-insecure: true}}
  p2.aa: {url: 'grpc://127.0.0.1:2', grpcOptions: {allow-insecure: true}}
  p1.bb: {url: 'grpc://127.0.0.1:3', grpcOptions: {allow-insecure: true}}
  p1.ord: {url: 'grpc://127.0.0.1:4', grpcOptions: {allow-insecure: true}}
`, "@", dir)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for peers, enough := range map[string]bool{
		"": false, "p1.aa": false, "p1.aa p2.aa": false, "p1.aa p1.aa": false, "p1.aa p1.ord": false, "p1.aa p1.bb p1.cc": false,
		"p1.aa p1.bb": true, "p1.aa p2.aa p1.bb p1.ord": true,
	} {
		// Where they are enough, the next error is that User1 has no certificate.
		_, err := Open(Config{SDK: file, Agreement: agreed, Org: "AA", User: "User1", Peers: strings.Fields(peers)})
		if err == nil || errors.Is(err, ErrPeers) == enough || strings.Contains(err.Error(), "User1 of AA") != enough {
			t.Errorf("%q: %v", peers, err)
		}
	}
}
