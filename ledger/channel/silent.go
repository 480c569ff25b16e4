package channel

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
)

const (
	// answerIn is how long a peer may take for an answer, submitIn the channel for a
	// transaction: some times what they need.
	answerIn = 5 * time.Second
	submitIn = 15 * time.Second
	// rememberFor is how long it is remembered who answers.
	rememberFor = time.Minute
)

// silence remembers which peers answer, since others were found silent: the SDK chooses
// among all that were heard of, and again and again asks one that hangs. The zero value
// remembers nothing.
type silence struct {
	mu    sync.Mutex
	speak []string // peers that answer
	until time.Time
}

// known returns the peers that answer, or none while all may.
func (s *silence) known() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().After(s.until) {
		return nil
	}
	return s.speak
}

func (s *silence) learn(speak []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speak, s.until = speak, time.Now().Add(rememberFor)
}

// ask calls do with the peers to ask, none for those that the SDK chooses. When they do
// not answer in time, or are not enough, all peers are asked for a sign of their
// chaincode, and do is called once more with those that give one.
func (c *Client) ask(ctx context.Context, within time.Duration, do func(ctx context.Context, peers []string) error) error {
	try := func(peers []string) error {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		return do(ctx, peers)
	}
	err := try(c.silent.known())
	var refused *contract.RefusedError
	if err == nil || errors.As(err, &refused) || ctx.Err() != nil {
		return err
	}
	speak := c.everybody(ctx, func(ctx context.Context, peer string) ([]byte, error) {
		_, err := c.chain.Query(c.request(contract.FuncCaught, [][]byte{[]byte("ready")}), channel.WithTargetEndpoints(peer), channel.WithParentContext(ctx))
		if err != nil && contract.CodeOf(err.Error()) == "" {
			return nil, err
		}
		return []byte(peer), nil // a rule that refuses has been reached
	})
	if len(speak) == 0 {
		return err
	}
	var peers []string
	for _, peer := range speak {
		peers = append(peers, string(peer))
	}
	c.silent.learn(peers)
	return try(peers)
}

// everybody calls do with every peer at once, and returns what it answers for those that
// answer in time, in the order of the configuration.
func (c *Client) everybody(ctx context.Context, do func(ctx context.Context, peer string) ([]byte, error)) [][]byte {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	all := make([][]byte, len(c.config.Peers))
	var asking sync.WaitGroup
	for i, peer := range c.config.Peers {
		asking.Go(func() {
			if b, err := do(ctx, peer); err == nil {
				all[i] = b
			}
		})
	}
	asking.Wait()
	return slices.DeleteFunc(all, func(b []byte) bool { return b == nil })
}

// answer asks one peer for its signed word about a transaction.
func (c *Client) answer(ctx context.Context, peer, id string) ([]byte, error) {
	r, err := c.chain.Query(channel.Request{ChaincodeID: "qscc", Fcn: "GetTransactionByID", Args: [][]byte{[]byte(c.config.Channel), []byte(id)}},
		channel.WithTargetEndpoints(peer), channel.WithParentContext(ctx))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.Responses, func(r *fab.TransactionProposalResponse) bool { return r.ProposalResponse != nil })
	if i < 0 {
		return nil, errors.New("no answer")
	}
	return marshal(r.Responses[i].ProposalResponse)
}
