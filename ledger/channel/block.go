package channel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.org/custody/ledger/anchor"
	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's messages are of the old interface
	"github.com/hyperledger/fabric-protos-go/common"
	pb "github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/ledger"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
)

// Proof implements [Channel]. Each peer is asked for the block until one's holds.
func (c *Client) Proof(ctx context.Context, id string) (anchor.Proof, error) {
	var errs []error
	for _, peer := range c.config.Peers {
		p, err := c.block(ctx, peer, id)
		if err == nil {
			_, err = p.Verify(c.config.Agreement)
		}
		if err == nil {
			p.Answers = c.answers(ctx, p, id)
			return p, nil
		}
		errs = append(errs, fmt.Errorf("peer %s: %w", peer, err))
	}
	return anchor.Proof{}, fmt.Errorf("block of transaction %s: %w", id, errors.Join(errs...))
}

// block asks one peer for the block with a transaction.
func (c *Client) block(ctx context.Context, peer, id string) (anchor.Proof, error) {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	b, err := c.ledger.QueryBlockByTxID(fab.TransactionID(id), ledger.WithParentContext(ctx), ledger.WithTargetEndpoints(peer))
	if err != nil {
		return anchor.Proof{}, heard(err)
	}
	return proofOf(b, id)
}

// answers asks all peers at once for their signed word about a transaction. One that
// does not answer, or not so that it can be counted, is one word less, which the proof
// shows.
func (c *Client) answers(ctx context.Context, p anchor.Proof, id string) [][]byte {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	all := make([][]byte, len(c.config.Peers))
	var asking sync.WaitGroup
	for i, peer := range c.config.Peers {
		asking.Go(func() {
			b, err := c.answer(ctx, peer, id)
			if err != nil {
				return
			}
			p := anchor.Proof{Block: p.Block, Transaction: p.Transaction, Answers: [][]byte{b}}
			if _, err := p.Verify(c.config.Agreement); err == nil {
				all[i] = b
			}
		})
	}
	asking.Wait()
	return slices.DeleteFunc(all, func(b []byte) bool { return b == nil })
}

// answer asks one peer for its signed word about a transaction.
func (c *Client) answer(ctx context.Context, peer, id string) ([]byte, error) {
	r, err := c.chain.Query(channel.Request{ChaincodeID: "qscc", Fcn: "GetTransactionByID", Args: [][]byte{[]byte(c.config.Agreement.Channel), []byte(id)}},
		channel.WithTargetEndpoints(peer), channel.WithParentContext(ctx))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.Responses, func(r *fab.TransactionProposalResponse) bool { return r.ProposalResponse != nil })
	if i < 0 {
		return nil, errNoAnswer
	}
	return marshal(signed(r.Responses[i].ProposalResponse))
}

// signed is of an answer what the peer has signed, and the signature. Beside it an answer
// repeats what the chaincode said, which here is the whole transaction: nobody signs that,
// and no check reads it.
func signed(r *pb.ProposalResponse) *pb.ProposalResponse {
	return &pb.ProposalResponse{Payload: r.Payload, Endorsement: r.Endorsement}
}

// proofOf finds a transaction in its block.
func proofOf(b *common.Block, id string) (anchor.Proof, error) {
	for i, t := range b.GetData().GetData() {
		if idOf(t) != id {
			continue
		}
		raw, err := marshal(b)
		return anchor.Proof{Block: raw, Transaction: i}, err
	}
	return anchor.Proof{}, fmt.Errorf("the block that should have transaction %s does not", id)
}

func idOf(envelope []byte) string {
	var e common.Envelope
	var p common.Payload
	var h common.ChannelHeader
	if proto.Unmarshal(envelope, &e) != nil || proto.Unmarshal(e.Payload, &p) != nil || proto.Unmarshal(p.GetHeader().GetChannelHeader(), &h) != nil {
		return ""
	}
	return h.TxId
}

func marshal(m proto.Message) ([]byte, error) { return proto.Marshal(m) }
