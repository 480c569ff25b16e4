package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// Formats of the three files of a handoff (spec/home.md, "Handoff files").
const (
	offerFormat   = "custody/offer/v1"
	answerFormat  = "custody/answer/v1"
	receiptFormat = "custody/receipt/v1"
)

// Names of the files of a handoff in its folder.
const (
	OfferFile   = "offer.age"
	AnswerFile  = "answer.age"
	ReceiptFile = "receipt.age"
	ObjectsDir  = "objects"
)

// offerFile is what the giver sends.
type offerFile struct {
	Dossier map[string][]byte `json:"dossier"`
	Format  string            `json:"format"`
	From    []byte            `json:"from"` // the giver's card
	Items   []offerItem       `json:"items"`
	Objects []offerObject     `json:"objects"`
	To      evidence.KeyID    `json:"to"`
}

type offerItem struct {
	Identities map[string]string `json:"identities"` // by object: what opens it
	Item       evidence.ItemID   `json:"item"`
	NextKey    evidence.Hash     `json:"next_key"` // of the seal that the answer closes
}

type offerObject struct {
	Name   evidence.ObjectName `json:"name"`
	SHA256 evidence.Hash       `json:"sha256"`
	Size   int64               `json:"size"`
}

// answerFile is what the receiver sends back.
type answerFile struct {
	Dossier map[string][]byte `json:"dossier"` // the answering key's enrolment
	Format  string            `json:"format"`
	From    []byte            `json:"from"` // the receiver's card
	Items   []answerItem      `json:"items"`
}

type answerItem struct {
	Envelope []byte          `json:"envelope"`
	Item     evidence.ItemID `json:"item"`
	NextKey  *evidence.Hash  `json:"next_key,omitempty"` // decline: of the seal it opens, which the giver closes
	Record   *evidence.View  `json:"record"`
	Salt     evidence.Hash   `json:"salt"`
}

// receiptFile ends the handoff: the giver's dossier with the logged answers.
type receiptFile struct {
	Dossier map[string][]byte `json:"dossier"`
	Format  string            `json:"format"`
	Refused []refusedItem     `json:"refused"`
}

type refusedItem struct {
	Item   evidence.ItemID `json:"item"`
	Reason string          `json:"reason"`
}

// Errors about handoff files.
var (
	ErrHandoffFile = errors.New("not a handoff file, or a damaged one")
	ErrNotForUs    = errors.New("the file is encrypted to another desk")
	ErrUntrusted   = errors.New("what it proves does not hold under the pinned trust list")
)

// maxSmall bounds files that are read whole: cards and handoff files.
const maxSmall = 512 << 20

// writeHandoff encrypts one handoff file to a desk.
func writeHandoff(path string, content any, vault string) error {
	b, err := evidence.Canonical(content)
	if err != nil {
		return err
	}
	to, err := age.ParseX25519Recipient(vault)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoRecipient, err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return files.WriteFile(path, sealed.Bytes(), 0o600)
}

// openHandoff decrypts a handoff file and says which of the four it is.
func (s *Session) openHandoff(path string) (format string, plain []byte, err error) {
	raw, err := input.Read(path, maxSmall)
	if err != nil {
		return "", nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(raw), s.vaultID)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return "", nil, fmt.Errorf("%s: %w", path, ErrNotForUs)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w: %w", path, ErrHandoffFile, err)
	}
	if plain, err = io.ReadAll(r); err != nil {
		return "", nil, fmt.Errorf("%s: %w: %w", path, ErrHandoffFile, err)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(plain, &head); err != nil {
		return "", nil, fmt.Errorf("%s: %w: %w", path, ErrHandoffFile, err)
	}
	switch head.Format {
	case offerFormat, answerFormat, receiptFormat, historyFormat:
		return head.Format, plain, nil
	}
	return "", nil, fmt.Errorf("%s: format %.80q: %w", path, head.Format, ErrHandoffFile)
}

// HandoffStep is what comes next in a handoff between desks.
type HandoffStep int

// The steps, by the file that asks for them.
const (
	StepAnswer HandoffStep = iota // an offer: the receiver answers
	StepLog                       // an answer: the giver logs it
	StepTake                      // a receipt: the receiver takes custody
	StepFollow                    // a history: the other side of a request follows it
)

// HandoffStep opens a handoff file and says what comes next.
func (s *Session) HandoffStep(path string) (HandoffStep, error) {
	format, _, err := s.openHandoff(path)
	return map[string]HandoffStep{offerFormat: StepAnswer, answerFormat: StepLog, receiptFormat: StepTake, historyFormat: StepFollow}[format], err
}

func parseHandoff(plain []byte, into any) error {
	if err := evidence.ParseCanonical(plain, into); err != nil {
		return fmt.Errorf("%w: %w", ErrHandoffFile, err)
	}
	return nil
}

// ownCard is the acting officer's card, as it goes to another desk.
func (s *Session) ownCard() (*keyfile.Card, []byte, error) {
	if s.acting == nil {
		return nil, nil, ErrNoAct
	}
	raw, err := os.ReadFile(s.path("keys", s.acting.alias+".card"))
	if err != nil {
		return nil, nil, err
	}
	card, err := keyfile.ParseCard(raw)
	return card, raw, err
}
