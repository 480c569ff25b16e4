package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	channelanchor "example.org/custody/ledger/anchor"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// Errors about the states' channel in a tour.
var (
	ErrNoAnchorer = errors.New("custody-channel is not beside custody")
	ErrChannel    = errors.New("the states' channel does not take what the tour records")
)

// Sharing is the channel of the three states of a tour. It runs already, but for its
// chaincode, which can be started only with the tour's first trust list.
type Sharing struct {
	// Dir has channel.json, what the states agree about the channel, and for each state
	// the configuration of fabric-sdk-go, as FR.yaml, in which FR is an organisation.
	Dir     string
	Program string        // custody-channel
	Within  time.Duration // how long the channel may take to take the list; 0: ten minutes
}

// agreementFile is the name of the agreement in the folders of channel and tour.
const agreementFile = "channel.json"

// tourChannel is the channel as a tour uses it.
type tourChannel struct {
	Sharing
	agreement *channelanchor.Agreement
	text      []byte
	sockets   string // folder; its name is short, as those of sockets must be
}

// openChannel reads what the states agree about the channel.
func openChannel(s Sharing, states []string) (*tourChannel, error) {
	if _, err := os.Stat(s.Program); err != nil {
		return nil, errors.Join(ErrNoAnchorer, err)
	}
	c := &tourChannel{Sharing: s}
	var err error
	if c.text, err = os.ReadFile(filepath.Join(s.Dir, agreementFile)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChannel, err)
	}
	if c.agreement, err = channelanchor.ParseAgreement(c.text); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrChannel, agreementFile, err)
	}
	for _, code := range states {
		if !slices.ContainsFunc(c.agreement.States, func(m channelanchor.Member) bool { return m.MSP == code }) {
			return nil, fmt.Errorf("%w: %s has no state %s", ErrChannel, agreementFile, code)
		}
		if _, err := os.Stat(c.sdk(code)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrChannel, err)
		}
	}
	c.sockets, err = os.MkdirTemp("", "custody-")
	return c, err
}

func (c *tourChannel) sdk(state string) string { return filepath.Join(c.Dir, state+".yaml") }

// pins are what the trust list of a tour names for it.
func (c *tourChannel) pins() []trust.Pin {
	if c == nil {
		return nil
	}
	return []trust.Pin{{Name: c.agreement.Name(), Digest: c.agreement.Digest()}}
}

func (c *tourChannel) close() error {
	if c == nil {
		return nil
	}
	return os.RemoveAll(c.sockets)
}

// openChannel opens the channel when the tour has one, before anything is made.
func (t *tour) openChannel(context.Context) (err error) {
	if t.Channel != nil {
		t.channel, err = openChannel(*t.Channel, tourStates)
	}
	return err
}

// join starts a custody-channel beside each node, and has the states vote on the channel
// for their list: its rules ask it whose ledger is whose.
func (t *tour) join(ctx context.Context) error {
	if t.channel == nil {
		return nil
	}
	list, err := os.ReadFile(t.out.Trust)
	if err != nil {
		return err
	}
	t.Say("channel", fmt.Sprintf("beside each node a program anchors its ledger on the states' channel %s, when its chaincode is started with CUSTODY_FIRST_LIST=%s",
		t.channel.agreement.Channel, trust.DigestOf(list)))
	t.out.Agreement = t.path(agreementFile)
	if err := errors.Join(files.Mkdir(t.path("anchors")), files.WriteFile(t.out.Agreement, t.channel.text, 0o644)); err != nil {
		return err
	}
	for _, s := range t.states {
		if s.anchorer, err = t.channel.start(s, t.out); err != nil {
			return err
		}
	}
	for _, s := range t.states {
		if err := s.anchorer.vote(ctx, list, t.channel.within()); err != nil {
			return err
		}
	}
	t.Say("channel", "the states have adopted their list on it, each by its own vote")
	return nil
}

func (c *tourChannel) within() time.Duration {
	if c.Within == 0 {
		return 10 * time.Minute
	}
	return c.Within
}

// start starts the program of a state, whose proofs stay in the tour's folder.
func (c *tourChannel) start(s *touring, out *Toured) (*anchorer, error) {
	state := s.Config.State
	name := strings.ToLower(state)
	a := &anchorer{state: state, socket: filepath.Join(c.sockets, name)}
	a.takes = func(line string) bool { return strings.HasPrefix(line, "anchoring ") }
	return a, a.daemonProcess.start(c.Program, []string{
		"serve", "--agreement", out.Agreement, "--trust", out.Trust, "--sdk", c.sdk(state), "--org", state,
		"--node", s.node.url, "--origin", string(s.Config.Origin), "--proofs", filepath.Join(out.Dir, "anchors", name),
		"--socket", a.socket, "--every", "24h", "--until-eof", // it anchors when it is asked
	})
}

// anchored has the newest checkpoints of the two ledgers in which the items lie anchored
// on the channel, and returns the proofs.
func (t *tour) anchored(ctx context.Context) (list []pack.Anchor, err error) {
	if t.channel == nil {
		return nil, nil
	}
	for _, s := range []*touring{t.fr, t.de} {
		proof, err := s.anchorer.ask(ctx, http.MethodPost, "/v1/anchor", nil, anchorTime)
		if err != nil {
			return nil, err
		}
		list = append(list, pack.Anchor{Agreement: t.channel.text, Proof: proof})
	}
	t.Say("anchor", "FR's and DE's newest checkpoints are recorded on the channel; the package carries what the states' peers have signed of that")
	return list, nil
}
