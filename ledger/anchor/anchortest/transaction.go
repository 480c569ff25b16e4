package anchortest

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Write is one key of a write set.
type Write struct {
	Key     string
	Value   []byte
	Deleted bool
}

// Space is the writes in one namespace.
type Space struct {
	Name     string
	Writes   []Write
	Private  bool // it has private data, too
	Metadata bool // it has metadata writes, too
}

// Results is a rwset.TxReadWriteSet.
func Results(spaces ...Space) []byte {
	var list [][]byte
	for _, s := range spaces {
		var writes, extra, private [][]byte
		for _, w := range s.Writes {
			deleted := uint64(0)
			if w.Deleted {
				deleted = 1
			}
			writes = append(writes, Message(1, []byte(w.Key), 2, deleted, 3, w.Value))
		}
		if s.Metadata {
			extra = [][]byte{Message(1, []byte("key"))}
		}
		if s.Private {
			private = [][]byte{Message(1, []byte("collection"))}
		}
		list = append(list, Message(1, []byte(s.Name), 2, Message(3, writes, 4, extra), 3, private))
	}
	return Message(2, list)
}

// Parts are the parts of an endorser transaction that are signed apart.
type Parts struct {
	ChannelHeader, SignatureHeader []byte
	Proposal                       []byte
	Response                       []byte   // peer.ProposalResponsePayload
	Endorsements                   [][]byte // peer.Endorsement
}

// Request is what a creator asks.
type Request struct {
	Creator            Identity
	Channel, Chaincode string
	Time               time.Time
	Kind               uint64 // of the transaction; 3 is an endorser transaction
	ID                 string // "" for the right one
	Status             uint64 // of the chaincode's answer; 0: 200
	Results            []byte
}

// ID is the id of what the creator submits under its nonce.
func ID(creator Identity) string {
	id := sha256.Sum256(slices.Concat(creator.Nonce, creator.Serialized))
	return hex.EncodeToString(id[:])
}

// Make makes the parts of a transaction that the peers endorse.
func Make(r Request, peers ...Identity) Parts {
	if r.ID == "" {
		r.ID = ID(r.Creator)
	}
	if r.Status == 0 {
		r.Status = 200
	}
	stamp := Message(1, uint64(r.Time.Unix()), 2, uint64(r.Time.Nanosecond()))
	p := Parts{
		ChannelHeader:   Message(1, r.Kind, 3, stamp, 4, []byte(r.Channel), 5, []byte(r.ID)),
		SignatureHeader: Message(1, r.Creator.Serialized, 2, r.Creator.Nonce),
		Proposal:        Message(1, []byte("arguments")),
	}
	p.Response = Response(p.Hash(), r.Results, r.Chaincode, r.Status, nil)
	p.Endorse(peers...)
	return p
}

// Hash is the proposal hash that peers endorse.
func (p *Parts) Hash() []byte {
	sum := sha256.Sum256(slices.Concat(p.ChannelHeader, p.SignatureHeader, p.Proposal))
	return sum[:]
}

// Endorse lets exactly these peers endorse the response as it stands.
func (p *Parts) Endorse(peers ...Identity) {
	p.Endorsements = nil
	for _, i := range peers {
		p.Endorsements = append(p.Endorsements, Endorsement(i, p.Response))
	}
}

// Endorsement is a peer.Endorsement of a response.
func Endorsement(i Identity, response []byte) []byte {
	return Message(1, i.Serialized, 2, i.Sign(response, i.Serialized))
}

// Response is a peer.ProposalResponsePayload.
func Response(hash, results []byte, chaincode string, status uint64, payload []byte) []byte {
	action := Message(1, results, 3, Message(1, status, 3, payload), 4, Message(2, []byte(chaincode)))
	return Message(1, hash, 2, action)
}

// Envelope is the transaction as the creator signs it.
func (p *Parts) Envelope(creator Identity) []byte {
	action := Message(1, p.Response, 2, p.Endorsements)
	data := Message(1, [][]byte{Message(1, p.SignatureHeader, 2, Message(1, p.Proposal, 2, action))})
	payload := Message(1, Message(1, p.ChannelHeader, 2, p.SignatureHeader), 2, data)
	return Message(1, payload, 2, creator.Sign(payload))
}

// Split takes the envelope of a real transaction apart.
func Split(envelope []byte) *Parts {
	payload := Field(bytes.Clone(envelope), 1)
	action := Field(Field(Field(payload, 2), 1), 2)
	endorsed := Field(action, 2)
	return &Parts{
		ChannelHeader: Field(Field(payload, 1), 1), SignatureHeader: Field(Field(payload, 1), 2),
		Proposal: Field(action, 1), Response: Field(endorsed, 1), Endorsements: fieldsOf(endorsed, 2),
	}
}

// Transactions returns the envelopes in a block.
func Transactions(block []byte) [][]byte { return fieldsOf(Field(block, 2), 1) }

// WithResults puts other results into a response, and leaves all else as it is.
func WithResults(response, results []byte) []byte {
	action := Field(response, 2)
	return Message(1, Field(response, 1), 2, Message(1, results, 2, Field(action, 2), 3, Field(action, 3), 4, Field(action, 4)))
}

// ResultsOf returns the results in a response.
func ResultsOf(response []byte) []byte { return Field(Field(response, 2), 1) }

// Orderer signs a block, as a consenter when ID is not 0.
type Orderer struct {
	Identity
	ID uint64
}

// Block is a block with these transactions, signed by the orderers.
func Block(number uint64, transactions [][]byte, orderers ...Orderer) []byte {
	data := sha256.New()
	for _, t := range transactions {
		data.Write(t)
	}
	previous := sha256.Sum256([]byte("the block before"))
	der := must(asn1.Marshal(struct {
		Number         *big.Int
		Previous, Data []byte
	}{new(big.Int).SetUint64(number), previous[:], data.Sum(nil)}))
	value := []byte("last config")
	var signatures [][]byte
	for _, o := range orderers {
		header := Message(1, o.Serialized, 2, []byte("nonce"))
		if o.ID == 0 {
			signatures = append(signatures, Message(1, header, 2, o.Sign(value, header, der)))
			continue
		}
		header = Message(1, o.ID, 2, []byte("nonce"))
		signatures = append(signatures, Message(2, o.Sign(value, header, der), 3, header))
	}
	return Message(1, Message(1, number, 2, previous[:], 3, data.Sum(nil)), 2, Message(1, transactions),
		3, Message(1, [][]byte{Message(1, value, 2, signatures), {0}, {0}}))
}

// Answer is a peer's answer about a transaction, from the system chaincode named.
func Answer(i Identity, chaincode string, envelope []byte, code uint64) []byte {
	response := Response([]byte("hash"), nil, chaincode, 200, Message(1, envelope, 2, code))
	return Message(1, uint64(1), 5, response, 6, Endorsement(i, response))
}

// Field returns the bytes of the first field with a number, nil when there is none.
func Field(b []byte, num protowire.Number) []byte {
	if all := fieldsOf(b, num); len(all) > 0 {
		return all[0]
	}
	return nil
}

func fieldsOf(b []byte, want protowire.Number) (all [][]byte) {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			panic(protowire.ParseError(n))
		}
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if m < 0 {
			panic(protowire.ParseError(m))
		}
		if num == want && typ == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b[n:])
			all = append(all, v)
		}
		b = b[n+m:]
	}
	return all
}
