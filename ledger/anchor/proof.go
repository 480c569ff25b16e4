package anchor

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence"
)

// MaxProof is the largest anchor proof in bytes.
const MaxProof = 16 << 20

const proofFormat = "custody/anchor/v1"

// ErrForm reports bytes that are not an anchor proof in its one form.
var ErrForm = errors.New("not an anchor proof of spec/anchor.md in canonical JSON")

// Proof is one transaction with its block, and peers' answers about it.
type Proof struct {
	Answers     [][]byte `json:"answers"` // peer.ProposalResponse of qscc; may be empty
	Block       []byte   `json:"block"`   // common.Block
	Format      string   `json:"format"`  // set by Marshal
	Transaction int      `json:"transaction"`
}

// Result is what an anchor proof proves under one agreement.
type Result struct {
	Statement
	Channel   string
	ID        string    // of the transaction
	Block     uint64    // number of the block
	Time      time.Time // the submitter's word
	Submitter string    // state
	Endorsers []string  // states whose peers endorsed, at least q; rising
	Orderers  int       // distinct orderers that signed the block
	Answered  []string  // states whose peers say that it was committed; rising
	Quorum    int       // q of the agreement
}

// Committed reports whether peers of q states say that the transaction was committed.
// Without that it is endorsed and ordered, which does not make it valid.
func (r *Result) Committed() bool { return len(r.Answered) >= r.Quorum }

// Marshal returns the proof as a file.
func (p Proof) Marshal() ([]byte, error) {
	p.Format = proofFormat
	p.Answers = append([][]byte{}, p.Answers...)
	b, err := evidence.Canonical(p)
	if err == nil && len(b) > MaxProof {
		err = fmt.Errorf("%d bytes: %w", len(b), ErrForm)
	}
	return b, err
}

// ParseProof reads what [Proof.Marshal] wrote; it verifies nothing. Errors wrap
// [ErrForm], in a [*ProofError].
func ParseProof(b []byte) (Proof, error) {
	var p Proof
	if len(b) > MaxProof {
		return Proof{}, failed(CheckForm, "%d bytes: %w", len(b), ErrForm)
	}
	if err := evidence.ParseCanonical(b, &p); err != nil {
		return Proof{}, failed(CheckForm, "%w: %w", ErrForm, err)
	}
	if p.Format != proofFormat || p.Transaction < 0 || len(p.Block) == 0 || p.Answers == nil || len(p.Answers) > maxEndorsements {
		return Proof{}, failed(CheckForm, "format %.40q, transaction %d, %d answers: %w", p.Format, p.Transaction, len(p.Answers), ErrForm)
	}
	return p, nil
}

// Verify checks the proof against an agreement, which the caller has found to be the
// one that its trust list names ([Pinned]). It returns a [*ProofError] when
// the proof proves nothing. It does no I/O and reads no clock.
func (p Proof) Verify(a *Agreement) (*Result, error) {
	k, err := readBlock(p.Block)
	if err != nil {
		return nil, at(CheckForm, err)
	}
	if p.Transaction >= len(k.transactions) {
		return nil, failed(CheckForm, "transaction %d of %d", p.Transaction, len(k.transactions))
	}
	t, err := readTransaction(k.transactions[p.Transaction])
	if err != nil {
		return nil, at(CheckForm, err)
	}
	ids := a.at(t.time)
	r := &Result{Channel: a.Channel, ID: string(t.id), Block: k.number, Time: t.time, Quorum: a.Endorsements}
	if err := at(CheckBlock, k.checkData()); err != nil {
		return nil, err
	}
	if r.Orderers, err = k.checkOrderers(ids); err != nil {
		return nil, at(CheckOrderer, err)
	}
	if err := t.check(ids, r); err != nil {
		return nil, err
	}
	for _, b := range p.Answers {
		state, err := t.checkAnswer(b, ids)
		if err != nil {
			return nil, at(CheckAnswer, err)
		}
		r.Answered = append(r.Answered, state)
	}
	slices.Sort(r.Answered)
	r.Answered = slices.Compact(r.Answered)
	return r, nil
}

// check makes the checks of the transaction itself and fills in what they prove.
func (t *transaction) check(ids *identities, r *Result) (err error) {
	if err := t.checkChannel(ids.Agreement); err != nil {
		return at(CheckChannel, err)
	}
	if r.Submitter, err = t.checkCreator(ids); err != nil {
		return at(CheckCreator, err)
	}
	if err := t.checkProposal(); err != nil {
		return at(CheckProposal, err)
	}
	if r.Endorsers, err = t.checkEndorsements(ids); err != nil {
		return at(CheckEndorsement, err)
	}
	if len(r.Endorsers) < ids.Endorsements {
		return failed(CheckQuorum, "peers of %q endorsed; %d states must", r.Endorsers, ids.Endorsements)
	}
	if t.status != statusOK {
		return failed(CheckWrites, "the chaincode answered with status %d", t.status)
	}
	writes, err := readWrites(t.results, ids.Chaincode)
	if err == nil {
		r.Statement, err = statement(writes)
	}
	switch {
	case err != nil:
	case r.State != "" && r.State != r.Submitter:
		err = fmt.Errorf("it speaks for %s and was submitted by %s", r.State, r.Submitter)
	case r.Kind == Checkpoint && r.Anchor.Transaction != r.ID:
		err = fmt.Errorf("it says that it is transaction %s, and is %s", r.Anchor.Transaction, r.ID)
	}
	return at(CheckWrites, err)
}
