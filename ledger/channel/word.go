package channel

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
)

// OddError reports a peer that answers otherwise than those of enough states. It may be
// behind the others for a moment; one that does it again and again does not apply the
// channel's rules.
type OddError struct {
	Peer, State string
	Says        string   // what it answers, in words
	States      []string // whose peers answer alike; rising
}

// Error names the peer first.
func (e *OddError) Error() string {
	return fmt.Sprintf("peer %s of %s: %s; those of %s answer alike", e.Peer, e.State, e.Says, strings.Join(e.States, ", "))
}

var (
	errNoAnswer = errors.New("no answer")
	errNoState  = errors.New("it is a peer of no state of the agreement")
)

// heard is an error with a peer's words in it, to be shown and logged: a peer that lies
// writes them, at any length.
func heard(err error) error { return fmt.Errorf("%.300q", err.Error()) }

// word is what one peer says to a proposal: an endorsement, a refusal by the rules, or
// nothing that can be used.
type word struct {
	peer, state string
	response    *fab.TransactionProposalResponse // an endorsement
	code        contract.Code                    // a refusal
	says        error                            // of a refusal, the peer's words
	err         error                            // neither
}

// failed is the word when it is no endorsement: err holds a refusal, or what went wrong.
func (w word) failed(err error) word {
	w.response = nil
	if w.code = contract.CodeOf(err.Error()); w.code != "" {
		w.says = heard(err)
	} else {
		w.err = heard(err)
	}
	return w
}

// is reports whether two peers say the same.
func (w word) is(o word) bool {
	if w.err != nil || o.err != nil || w.code != o.code {
		return false
	}
	return w.code != "" || bytes.Equal(w.response.GetPayload(), o.response.GetPayload()) &&
		bytes.Equal(w.response.GetResponse().GetPayload(), o.response.GetResponse().GetPayload())
}

// refused is the refusal as an error, or nil.
func (w word) refused() error {
	if w.code == "" {
		return nil
	}
	return &contract.RefusedError{Code: w.code, Err: w.says}
}

// String says it for a person.
func (w word) String() string {
	switch {
	case w.err != nil:
		return w.err.Error()
	case w.code != "":
		return "refuses: " + w.says.Error()
	}
	return "endorses something else"
}

// enough returns the words of the first states, one of each, that say the same, when
// there are as many as it takes; otherwise nil.
func enough(all []word, states int) []word {
	for i, first := range all {
		alike := []word{}
		for _, w := range all[i:] {
			if w.is(first) && !slices.ContainsFunc(alike, func(o word) bool { return o.state == w.state }) {
				alike = append(alike, w)
			}
		}
		if len(alike) >= states {
			return alike[:states]
		}
	}
	return nil
}

func statesOf(words []word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.state)
	}
	slices.Sort(all)
	return all
}

// undecided says what every peer answered, when no answer is that of enough states.
func undecided(all []word, states int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "peers of %d states must answer alike, and do not", states)
	for _, w := range all {
		said := w.String()
		if w.response != nil {
			said = "endorses"
		}
		fmt.Fprintf(&b, "; %s of %s: %s", w.peer, w.state, said)
	}
	return b.String()
}
