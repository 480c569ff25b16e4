// Package matches is where a desk compares identifiers with other desks
// (spec/matching.md, "Exchange"): with whom it is switched on, the messages of a session as
// files, what is kept between them, and the hits. The pure part is evidence/mla/matching.
package matches

import (
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/signing"
)

// Errors of comparing.
var (
	ErrOff       = errors.New("matching with this desk is not switched on here for this purpose")
	ErrNoPeer    = errors.New("the card has no key to encrypt to")
	ErrOwnCard   = errors.New("the card is of this desk itself")
	ErrFile      = errors.New("not a message of private matching, or a damaged one")
	ErrOther     = errors.New("the message is for another officer, or not of the desk that it names")
	ErrMany      = errors.New("the other side compares more identifiers than were agreed")
	ErrUnknown   = errors.New("no such session is under way here")
	ErrTaken     = errors.New("the session is over, or waits for another message")
	ErrList      = errors.New("not a list of identifiers")
	ErrNeedsList = errors.New("an opening is answered with a list of identifiers")
	ErrNeedsOut  = errors.New("a message follows from it, and there is nowhere to write it")
	ErrNothing   = errors.New("no message of this session waits for the other side")
)

// Desk is one officer's desk. All fields but the last are needed.
type Desk struct {
	Dir    string         // where it keeps what it must, a folder of its own
	Key    evidence.KeyID // the acting officer's
	Signer signing.Signer // with that key
	Vault  *age.X25519Identity
	Keep   []age.Recipient // what is kept is encrypted to them
	Now    func() time.Time
	Random io.Reader
	DryRun bool // nothing is kept, and nothing is found out
}

// files makes and replaces files so that a crash leaves the old content or the new.
var files durable.Files

// Held is an identifier of this desk and what the desk calls the matter that it is in.
type Held struct {
	matching.Identifier
	Reference string
}

// Hit is what both sides have: the references of this side.
type Hit struct {
	Kind       matching.Kind `json:"kind"`
	References []string      `json:"references"`
}

// Outcome is what a step has come to.
type Outcome struct {
	Session evidence.Hash    `json:"session"`
	Peer    evidence.KeyID   `json:"peer"`
	With    string           `json:"with"` // the peer's authority and state, by its card
	Purpose matching.Purpose `json:"purpose"`
	Step    Step             `json:"step"`
	Begun   time.Time        `json:"begun"`
	Asking  bool             `json:"asking"` // this desk asked; no hit is then the other side's word
	Sends   bool             `json:"sends"`  // a message goes to the other desk
	Hits    []Hit            `json:"hits"`   // once it is over
	Message []byte           `json:"-"`      // what goes there, signed and encrypted; nil for nothing
}

// Step says how far a session has come at this desk.
type Step string

// The steps.
const (
	Asked    Step = "asked"    // its opening is written; the answer is waited for
	Answered Step = "answered" // its answer is written; the tokens are waited for
	Shown    Step = "shown"    // its tokens are written; the hits are waited for
	Over     Step = "over"
	Dropped  Step = "dropped" // switched off, or given up; what was compared is forgotten
)
