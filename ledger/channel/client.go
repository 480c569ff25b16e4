package channel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel/invoke"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/ledger"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/errors/retry"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/logging"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/core/config"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/comm"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk"
)

// Channel is what is asked of the states' channel. Methods may be called concurrently.
type Channel interface {
	// Submit runs a function of the chaincode as a transaction and returns after it was
	// committed, with its id and what the function answered. An error that wraps
	// [*contract.RefusedError] is the chaincode's; after any other one the transaction
	// may have been committed or not.
	Submit(ctx context.Context, function string, args ...[]byte) (id string, answer []byte, err error)
	// Query runs a function that only reads, at the peers of all states, and returns what
	// those of as many answer alike as must endorse.
	Query(ctx context.Context, function string, args ...[]byte) ([]byte, error)
	// Proof fetches a committed transaction with its block, and the answers about it of
	// peers of all states that answer, leaving out what proves nothing. Whoever uses it
	// verifies it all the same.
	Proof(ctx context.Context, id string) (anchor.Proof, error)
}

// Config is how to reach the channel.
type Config struct {
	SDK       string // file: the configuration of fabric-sdk-go, with connections and certificates
	Agreement *anchor.Agreement
	Org       string   // this state's organisation in the SDK's file
	User      string   // whose certificate submits
	Peers     []string // in the SDK's file, one for each state, this one's first: who is asked
	// Odd gets the peers that answer otherwise than those of enough states; may be nil.
	// It may be called concurrently.
	Odd func(*OddError)
}

// Client is a [Channel] over fabric-sdk-go.
type Client struct {
	config Config
	sdk    *fabsdk.FabricSDK
	chain  *channel.Client
	ledger *ledger.Client
}

const (
	// answerIn is how long peers may take for an answer, and one orderer until another one is
	// asked, queryIn until enough answer alike, submitIn the channel for a transaction: some
	// times what they need.
	answerIn = 5 * time.Second
	queryIn  = 10 * time.Second
	submitIn = 15 * time.Second
)

// ErrPeers reports peers that the configuration does not have, or that are of fewer states
// than must endorse.
var ErrPeers = errors.New("these peers cannot endorse")

// Open reads the configuration and connects when first asked. Errors: [ErrPeers], and
// those of the SDK.
func Open(c Config) (*Client, error) {
	sdk, err := fabsdk.New(config.FromFile(c.SDK))
	if err != nil {
		return nil, fmt.Errorf("configuration of the channel %s: %w", c.SDK, err)
	}
	// What it would say of peers is in the errors that it returns, and that a peer's answer
	// came too late to be waited for is no error. The configuration has set other levels.
	logging.SetLevel("fabsdk/fab", logging.CRITICAL)
	if err := c.checkPeers(sdk); err != nil {
		sdk.Close()
		return nil, err
	}
	client := &Client{config: c, sdk: sdk}
	ctx := sdk.ChannelContext(c.Agreement.Channel, fabsdk.WithUser(c.User), fabsdk.WithOrg(c.Org))
	if client.chain, err = channel.New(ctx); err == nil {
		client.ledger, err = ledger.New(ctx)
	}
	if err != nil {
		sdk.Close()
		return nil, fmt.Errorf("channel %s as %s of %s: %w", c.Agreement.Channel, c.User, c.Org, err)
	}
	return client, nil
}

// checkPeers returns [ErrPeers] unless the configuration has the peers, and they are of as
// many states of the agreement as must endorse.
func (c Config) checkPeers(sdk *fabsdk.FabricSDK) error {
	ctx, err := sdk.Context()()
	if err != nil {
		return fmt.Errorf("configuration of the channel %s: %w", c.SDK, err)
	}
	states := map[string]bool{}
	for _, name := range c.Peers {
		peer, err := comm.NetworkPeerConfig(ctx.EndpointConfig(), name)
		if err != nil {
			return fmt.Errorf("configuration of the channel %s: %w: %w", c.SDK, err, ErrPeers)
		}
		if c.Agreement.HasState(peer.MSPID) {
			states[peer.MSPID] = true
		}
	}
	if len(states) < c.Agreement.Endorsements {
		return fmt.Errorf("peers of %d states are named, and of %d must endorse: %w", len(states), c.Agreement.Endorsements, ErrPeers)
	}
	return nil
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

// Submit implements [Channel]. Peers that answer from different heights are asked again,
// and another orderer when one does not answer. Further errors: [ErrUnordered], [ErrUnseen].
func (c *Client) Submit(ctx context.Context, function string, args ...[]byte) (id string, answer []byte, err error) {
	p := new(progress)
	r, err := c.invoke(ctx, submitIn, commit{p}, function, args,
		channel.WithTimeout(fab.OrdererResponse, answerIn), channel.WithBeforeRetry(func(error) { p.is(endorsing) }))
	if err != nil {
		return "", nil, p.failed(err)
	}
	return string(r.TransactionID), r.Payload, nil
}

// Query implements [Channel].
func (c *Client) Query(ctx context.Context, function string, args ...[]byte) ([]byte, error) {
	r, err := c.invoke(ctx, queryIn, nil, function, args)
	return r.Payload, err
}

// invoke asks all peers, and hands on what those of enough states answer alike.
func (c *Client) invoke(ctx context.Context, within time.Duration, next invoke.Handler, function string, args [][]byte, more ...channel.RequestOption) (channel.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	a := c.config.Agreement
	return c.chain.InvokeHandler(endorse{a, c.config.Odd, next}, channel.Request{ChaincodeID: a.Chaincode, Fcn: function, Args: args},
		append(more, channel.WithParentContext(ctx), channel.WithRetry(retry.DefaultChannelOpts), channel.WithTargetEndpoints(c.config.Peers...))...)
}

// Ready asks until peers enough for an endorsement answer alike, or ctx ends. Nothing is
// submitted.
func (c *Client) Ready(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		// A rule that refuses has been reached, which is all that is asked.
		_, err := c.Query(ctx, contract.FuncCaught, []byte("ready"))
		var refused *contract.RefusedError
		if err == nil || errors.As(err, &refused) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("channel %s: %w", c.config.Agreement.Channel, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}
