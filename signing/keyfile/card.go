package keyfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/gowebpki/jcs"
	"golang.org/x/text/unicode/norm"

	"example.org/custody/signing"
)

const cardFormat = "custody/card/v1"

// Ranges of a card (spec/keys.md, "Card").
const (
	maxCard      = 512 << 10 // bytes, encoded
	maxEnrolment = 256 << 10 // bytes
	maxText      = 256       // bytes of NFC text
	maxCode      = 32        // bytes of a role
)

// Card is what others need to know of a key in order to offer something to its
// holder. It says nothing that a log or an envelope may not say; who the holder
// is stands elsewhere. A card is a claim: what counts is the enrolment.
type Card struct {
	Key       *signing.PublicKey
	Role      string // as enrolled: 1 to 32 of a–z and -
	Authority string // whose key enrols it: NFC text, 1 to 256 bytes
	State     string // 2 to 8 letters A–Z
	Alias     string // what the desk calls it: NFC text, 1 to 256 bytes; no real name
	Age       string // the holder's own age recipient, age1…
	Vault     string // the desk's vault recipient, which handoffs are encrypted to; "" for none
	Enrolment []byte // proof of enrolment, opaque here, at most 256 KiB; nil for none
}

type cardJSON struct {
	Age       string `json:"age"`
	Alias     string `json:"alias"`
	Authority string `json:"authority"`
	Enrolment []byte `json:"enrolment,omitempty"`
	Format    string `json:"format"`
	Key       string `json:"key"`
	Role      string `json:"role"`
	SPKI      []byte `json:"spki"`
	State     string `json:"state"`
	Suite     string `json:"suite"`
	Vault     string `json:"vault,omitempty"`
}

// ParseCard reads a card. It decodes, encodes again and compares; other bytes of
// the same meaning are [ErrCard]. A suite this version does not know is
// [signing.ErrSuite].
func ParseCard(b []byte) (*Card, error) {
	if len(b) > maxCard {
		return nil, fmt.Errorf("%d bytes: %w", len(b), ErrCard)
	}
	var j cardJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCard, err)
	}
	if j.Format != cardFormat {
		return nil, fmt.Errorf("format %.40q: %w", j.Format, ErrCard)
	}
	key, err := signing.NewPublicKey(signing.Suite(j.Suite), j.SPKI)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	c := &Card{
		Key: key, Role: j.Role, Authority: j.Authority, State: j.State, Alias: j.Alias,
		Age: j.Age, Vault: j.Vault, Enrolment: j.Enrolment,
	}
	again, err := c.Marshal()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, ErrCard
	}
	return c, nil
}

// Marshal returns the card's one form, RFC 8785 JSON, or [ErrCard] for values
// outside the ranges of [Card].
func (c *Card) Marshal() ([]byte, error) {
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrCard)
	}
	b, err := json.Marshal(cardJSON{
		Age: c.Age, Alias: c.Alias, Authority: c.Authority, Enrolment: c.Enrolment,
		Format: cardFormat, Key: c.Key.ID().String(), Role: c.Role, SPKI: c.Key.SPKI(),
		State: c.State, Suite: string(c.Key.Suite()), Vault: c.Vault,
	})
	if err != nil {
		return nil, err
	}
	return jcs.Transform(b)
}

// Recipient returns whom a handoff is encrypted to: the desk's vault, or the
// holder where there is no desk.
func (c *Card) Recipient() (age.Recipient, error) {
	to := c.Vault
	if to == "" {
		to = c.Age
	}
	return age.ParseX25519Recipient(to)
}

func (c *Card) validate() error {
	switch {
	case c.Key == nil:
		return fmt.Errorf("no key")
	case c.Role == "" || len(c.Role) > maxCode || strings.Trim(c.Role, "abcdefghijklmnopqrstuvwxyz-") != "":
		return fmt.Errorf("role %.40q", c.Role)
	case len(c.State) < 2 || len(c.State) > 8 || strings.Trim(c.State, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return fmt.Errorf("state %.40q", c.State)
	case !validText(c.Authority):
		return fmt.Errorf("authority %.40q", c.Authority)
	case !validText(c.Alias):
		return fmt.Errorf("alias %.40q", c.Alias)
	case !validRecipient(c.Age):
		return fmt.Errorf("age recipient %.80q", c.Age)
	case c.Vault != "" && !validRecipient(c.Vault):
		return fmt.Errorf("vault recipient %.80q", c.Vault)
	case len(c.Enrolment) > maxEnrolment:
		return fmt.Errorf("enrolment of %d bytes", len(c.Enrolment))
	}
	return nil
}

func validRecipient(s string) bool {
	r, err := age.ParseX25519Recipient(s)
	return err == nil && r.String() == s
}

// validText accepts the texts of spec/event.md: NFC, 1 to 256 bytes, without
// control characters.
func validText(s string) bool {
	return s != "" && len(s) <= maxText && utf8.ValidString(s) && norm.NFC.IsNormalString(s) &&
		!strings.ContainsFunc(s, unicode.IsControl)
}
