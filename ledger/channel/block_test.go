package channel

import (
	"slices"
	"testing"

	"example.org/custody/ledger/anchor"
	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's messages are of the old interface
	pb "github.com/hyperledger/fabric-protos-go/peer"
)

// What a peer has not signed of its answer is left out of a proof, which proves as much and
// has the transaction once less for each peer.
func TestSigned(t *testing.T) {
	c, _, f := follow(t)
	r, err := f.Round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	envelope := c.envelopes[r.ID]
	p, err := c.Proof(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	whole, kept := anchor.Proof{Block: p.Block}, anchor.Proof{Block: p.Block}
	for _, b := range p.Answers {
		answer := new(pb.ProposalResponse)
		if err := proto.Unmarshal(b, answer); err != nil {
			t.Fatal(err)
		}
		answer.Timestamp, answer.Response = nil, &pb.Response{Status: 200, Payload: envelope} // as a peer sends it
		whole.Answers = append(whole.Answers, must(t)(marshal(answer)))
		kept.Answers = append(kept.Answers, must(t)(marshal(signed(answer))))
	}
	one, err := whole.Verify(f.Agreement)
	if err != nil {
		t.Fatal(err)
	}
	other, err := kept.Verify(f.Agreement)
	if err != nil || !other.Committed() || !slices.Equal(one.Answered, other.Answered) {
		t.Errorf("%+v, %v; with what is not signed %+v", other, err, one)
	}
	if saved := len(must(t)(whole.Marshal())) - len(must(t)(kept.Marshal())); saved < len(p.Answers)*len(envelope)*4/3 {
		t.Errorf("%d bytes are saved of %d answers about a transaction of %d", saved, len(p.Answers), len(envelope))
	}
}

func must(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}
