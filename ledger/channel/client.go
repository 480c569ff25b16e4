package channel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel/invoke"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/ledger"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/errors/retry"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/core/config"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk"
)

// Channel is what is asked of the states' channel. Methods may be called concurrently.
type Channel interface {
	// Submit runs a function of the chaincode as a transaction and returns after it was
	// committed, with its id and what the function answered. An error that wraps
	// [*contract.RefusedError] is the chaincode's; after any other one the transaction
	// may have been committed or not.
	Submit(ctx context.Context, function string, args ...[]byte) (id string, answer []byte, err error)
	// Query runs a function that only reads, at one peer.
	Query(ctx context.Context, function string, args ...[]byte) ([]byte, error)
	// Proof fetches a committed transaction with its block, and the answers of peers of
	// all states that answer. It verifies nothing.
	Proof(ctx context.Context, id string) (anchor.Proof, error)
}

// Config is how to reach the channel.
type Config struct {
	SDK       string   // file: the configuration of fabric-sdk-go, with connections and certificates
	Channel   string   // of the agreement
	Chaincode string   // of the agreement
	Org       string   // this state's organisation in the SDK's file
	User      string   // whose certificate submits
	Peers     []string // in the SDK's file, one for each state: asked for answers
}

// Client is a [Channel] over fabric-sdk-go.
type Client struct {
	config Config
	sdk    *fabsdk.FabricSDK
	chain  *channel.Client
	ledger *ledger.Client
	silent silence
}

// Open reads the configuration and connects when first asked.
func Open(c Config) (*Client, error) {
	sdk, err := fabsdk.New(config.FromFile(c.SDK))
	if err != nil {
		return nil, fmt.Errorf("configuration of the channel %s: %w", c.SDK, err)
	}
	client := &Client{config: c, sdk: sdk}
	ctx := sdk.ChannelContext(c.Channel, fabsdk.WithUser(c.User), fabsdk.WithOrg(c.Org))
	if client.chain, err = channel.New(ctx); err == nil {
		client.ledger, err = ledger.New(ctx)
	}
	if err != nil {
		sdk.Close()
		return nil, fmt.Errorf("channel %s as %s of %s: %w", c.Channel, c.User, c.Org, err)
	}
	return client, nil
}

// Close ends all connections. The SDK waits for a peer that does not answer for as long as
// that takes; what is left then ends with the process.
func (c *Client) Close() {
	closed := make(chan struct{})
	go func() { c.sdk.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(answerIn):
	}
}

// Submit implements [Channel]. Peers that answer from different heights are asked again.
func (c *Client) Submit(ctx context.Context, function string, args ...[]byte) (id string, answer []byte, err error) {
	err = c.ask(ctx, submitIn, func(ctx context.Context, peers []string) error {
		r, err := c.chain.Execute(c.request(function, args), options(ctx, peers)...)
		id, answer = string(r.TransactionID), r.Payload
		return answered(err)
	})
	if err != nil {
		return "", nil, err
	}
	return id, answer, nil
}

// Query implements [Channel].
func (c *Client) Query(ctx context.Context, function string, args ...[]byte) (answer []byte, err error) {
	err = c.ask(ctx, answerIn, func(ctx context.Context, peers []string) error {
		r, err := c.chain.Query(c.request(function, args), options(ctx, peers[:min(len(peers), 1)])...)
		answer = r.Payload
		return answered(err)
	})
	return answer, err
}

// options are those of a request to peers, or to whom the SDK chooses.
func options(ctx context.Context, peers []string) []channel.RequestOption {
	o := []channel.RequestOption{channel.WithParentContext(ctx), channel.WithRetry(retry.DefaultChannelOpts)}
	if len(peers) > 0 {
		o = append(o, channel.WithTargetEndpoints(peers...))
	}
	return o
}

func (c *Client) request(function string, args [][]byte) channel.Request {
	return channel.Request{ChaincodeID: c.config.Chaincode, Fcn: function, Args: args}
}

// Proof implements [Channel].
func (c *Client) Proof(ctx context.Context, id string) (anchor.Proof, error) {
	var b *common.Block
	err := c.ask(ctx, answerIn, func(ctx context.Context, peers []string) (err error) {
		o := []ledger.RequestOption{ledger.WithParentContext(ctx)}
		if len(peers) > 0 {
			o = append(o, ledger.WithTargetEndpoints(peers[0]))
		}
		b, err = c.ledger.QueryBlockByTxID(fab.TransactionID(id), o...)
		return err
	})
	if err != nil {
		return anchor.Proof{}, fmt.Errorf("block of transaction %s: %w", id, err)
	}
	p, err := proofOf(b, id)
	if err != nil {
		return anchor.Proof{}, err
	}
	// A peer that does not answer is one word less, which the proof shows.
	p.Answers = c.everybody(ctx, func(ctx context.Context, peer string) ([]byte, error) { return c.answer(ctx, peer, id) })
	return p, nil
}

// answered tells a refusal of the chaincode from other errors.
func answered(err error) error {
	if err == nil {
		return nil
	}
	if code := contract.CodeOf(err.Error()); code != "" {
		return &contract.RefusedError{Code: code, Err: err}
	}
	return err
}

// Ready asks until peers enough for an endorsement are found, or ctx ends. Peers need a
// moment after a start until they have heard of each other. Nothing is submitted.
func (c *Client) Ready(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	endorse := invoke.NewSelectAndEndorseHandler(invoke.NewEndorsementValidationHandler())
	for {
		// A rule that refuses has been reached, which is all that is asked.
		_, err := c.chain.InvokeHandler(endorse, c.request(contract.FuncCaught, [][]byte{[]byte("ready")}), channel.WithParentContext(ctx))
		if err == nil || contract.CodeOf(err.Error()) != "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("channel %s: %w", c.config.Channel, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}
