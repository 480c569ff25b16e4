package anchor

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// transaction is an endorser transaction, as far as it is read.
type transaction struct {
	envelope, payload, signature []byte
	channelHeader, header        []byte // common.ChannelHeader, common.SignatureHeader
	kind                         uint64
	channel, id, creator, nonce  []byte
	time                         time.Time
	proposal, response           []byte   // what the creator asked; peer.ProposalResponsePayload
	endorsements                 [][]byte // peer.Endorsement
	proposalHash, results        []byte
	chaincode                    []byte
	status                       uint64
}

const (
	endorserTransaction = 3 // common.HeaderType_ENDORSER_TRANSACTION
	statusOK            = 200
	maxEndorsements     = 256 // of a transaction; and at most so many answers, and signatures of a block
)

func readTransaction(envelope []byte) (*transaction, error) {
	t := &transaction{envelope: envelope}
	var header, data, stamp []byte
	err := errors.Join(
		read(envelope, fields{1: &t.payload, 2: &t.signature}),
		read(t.payload, fields{1: &header, 2: &data}))
	if err == nil {
		err = read(header, fields{1: &t.channelHeader, 2: &t.header})
	}
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		read(t.channelHeader, fields{1: &t.kind, 3: &stamp, 4: &t.channel, 5: &t.id}),
		read(t.header, fields{1: &t.creator, 2: &t.nonce}))
	if err != nil {
		return nil, err
	}
	if t.time, err = readTime(stamp); err != nil {
		return nil, err
	}
	return t, t.readAction(data)
}

// readAction reads the only action of a transaction.
func (t *transaction) readAction(data []byte) error {
	if t.kind != endorserTransaction {
		return nil // said by checkChannel
	}
	var actions [][]byte
	if err := read(data, fields{1: &actions}); err != nil {
		return err
	}
	if len(actions) != 1 {
		return fmt.Errorf("%d actions in a transaction", len(actions))
	}
	payload, err := inside(actions[0], 2)
	if err != nil {
		return err
	}
	var action []byte
	if err := read(payload, fields{1: &t.proposal, 2: &action}); err != nil {
		return err
	}
	if err := read(action, fields{1: &t.response, 2: &t.endorsements}); err != nil {
		return err
	}
	a, hash, err := readResponse(t.response)
	t.proposalHash, t.results, t.chaincode, t.status = hash, a.results, a.chaincode, a.status
	return err
}

// chaincodeAction is a peer.ChaincodeAction: what a chaincode did and answered.
type chaincodeAction struct {
	results, chaincode, payload []byte
	status                      uint64
}

// readResponse reads a peer.ProposalResponsePayload.
func readResponse(b []byte) (a chaincodeAction, proposalHash []byte, err error) {
	var extension, response, id []byte
	if err := read(b, fields{1: &proposalHash, 2: &extension}); err != nil {
		return a, nil, err
	}
	if err := read(extension, fields{1: &a.results, 3: &response, 4: &id}); err != nil {
		return a, nil, err
	}
	return a, proposalHash, errors.Join(
		read(response, fields{1: &a.status, 3: &a.payload}),
		read(id, fields{2: &a.chaincode}))
}

// readTime reads a google.protobuf.Timestamp of the years 1970 to 9999.
func readTime(b []byte) (time.Time, error) {
	var seconds, nanos uint64
	if err := read(b, fields{1: &seconds, 2: &nanos}); err != nil {
		return time.Time{}, err
	}
	if seconds == 0 || seconds > 253402300799 || nanos > 999999999 {
		return time.Time{}, errors.New("a transaction without a time")
	}
	return time.Unix(int64(seconds), int64(nanos)).UTC(), nil
}

func (t *transaction) checkChannel(a *Agreement) error {
	switch {
	case t.kind != endorserTransaction:
		return fmt.Errorf("a transaction of type %d", t.kind)
	case string(t.channel) != a.Channel:
		return fmt.Errorf("a transaction of the channel %.64q", t.channel)
	case string(t.chaincode) != a.Chaincode:
		return fmt.Errorf("a transaction of the chaincode %.64q", t.chaincode)
	}
	return nil
}

// checkCreator returns the state that submitted the transaction.
func (t *transaction) checkCreator(ids *identities) (string, error) {
	sum := sha256.Sum256(slices.Concat(t.nonce, t.creator))
	if hex.EncodeToString(sum[:]) != string(t.id) {
		return "", errors.New("the transaction's id is not that of its creator")
	}
	id, err := ids.peers.open(t.creator)
	if err != nil {
		return "", err
	}
	return id.msp, id.verify(t.signature, t.payload)
}

// checkProposal reports whether what was asked is what was endorsed.
func (t *transaction) checkProposal() error {
	sum := sha256.Sum256(slices.Concat(t.channelHeader, t.header, t.proposal))
	if !bytes.Equal(sum[:], t.proposalHash) {
		return errors.New("another proposal was endorsed")
	}
	return nil
}

// checkEndorsements verifies every endorsement and returns the distinct states.
func (t *transaction) checkEndorsements(ids *identities) ([]string, error) {
	if len(t.endorsements) > maxEndorsements {
		return nil, fmt.Errorf("%d endorsements", len(t.endorsements))
	}
	var states []string
	for _, e := range t.endorsements {
		state, err := ids.endorser(t.response, e)
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	slices.Sort(states)
	return slices.Compact(states), nil
}

// endorser verifies a peer.Endorsement of a response and returns the peer's state.
func (i *identities) endorser(response, endorsement []byte) (string, error) {
	var endorser, signature []byte
	if err := read(endorsement, fields{1: &endorser, 2: &signature}); err != nil {
		return "", err
	}
	id, err := i.peers.open(endorser)
	if err != nil {
		return "", err
	}
	if id.role != rolePeer {
		return "", fmt.Errorf("a %s of %s endorsed", id.role, id.msp)
	}
	return id.msp, id.verify(signature, response, endorser)
}

// checkAnswer verifies that a peer answered with this transaction as a valid one, and
// returns the peer's state.
func (t *transaction) checkAnswer(b []byte, ids *identities) (string, error) {
	var payload, endorsement, envelope []byte
	var code uint64
	if err := read(b, fields{5: &payload, 6: &endorsement}); err != nil {
		return "", err
	}
	state, err := ids.endorser(payload, endorsement)
	if err != nil {
		return "", err
	}
	a, _, err := readResponse(payload)
	if err != nil {
		return "", err
	}
	// peer.ProcessedTransaction
	if err := read(a.payload, fields{1: &envelope, 2: &code}); err != nil {
		return "", err
	}
	switch {
	case string(a.chaincode) != "qscc" || a.status != statusOK:
		return "", fmt.Errorf("a peer of %s answered as %.64q, status %d", state, a.chaincode, a.status)
	case !bytes.Equal(envelope, t.envelope):
		return "", fmt.Errorf("a peer of %s answered about another transaction", state)
	case code != 0:
		return "", fmt.Errorf("a peer of %s found the transaction invalid, code %d", state, code)
	}
	return state, nil
}
