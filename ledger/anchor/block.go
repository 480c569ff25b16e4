package anchor

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// block is a common.Block.
type block struct {
	number           uint64
	previous, data   []byte // hashes
	transactions     [][]byte
	value            []byte   // what the signatures' metadata holds
	signatures       [][]byte // common.MetadataSignature
	headerToBeSigned []byte
}

// signaturesIndex is where a block's metadata has the orderers' signatures
// (common.BlockMetadataIndex).
const signaturesIndex = 0

func readBlock(b []byte) (*block, error) {
	var header, data, metadata, signatures []byte
	var list [][]byte
	k := new(block)
	err := errors.Join(
		read(b, fields{1: &header, 2: &data, 3: &metadata}),
		read(header, fields{1: &k.number, 2: &k.previous, 3: &k.data}),
		read(data, fields{1: &k.transactions}),
		read(metadata, fields{1: &list}))
	if err != nil {
		return nil, err
	}
	if len(list) > signaturesIndex {
		signatures = list[signaturesIndex]
	}
	if err := read(signatures, fields{1: &k.value, 2: &k.signatures}); err != nil {
		return nil, err
	}
	// protoutil.BlockHeaderBytes
	k.headerToBeSigned, err = asn1.Marshal(struct {
		Number         *big.Int
		Previous, Data []byte
	}{new(big.Int).SetUint64(k.number), k.previous, k.data})
	return k, err
}

// checkData reports whether the header commits to the transactions.
func (k *block) checkData() error {
	sum := sha256.Sum256(bytes.Join(k.transactions, nil))
	if !bytes.Equal(sum[:], k.data) {
		return errors.New("the header has another data hash than the transactions")
	}
	return nil
}

// checkOrderers verifies every signature and counts distinct orderers.
func (k *block) checkOrderers(ids *identities) (int, error) {
	if len(k.signatures) > maxEndorsements {
		return 0, fmt.Errorf("%d block signatures", len(k.signatures))
	}
	by := make(map[string]bool)
	for _, s := range k.signatures {
		id, err := k.checkOrderer(s, ids)
		if err != nil {
			return 0, err
		}
		by[id.holder] = true
	}
	if len(by) < ids.OrdererSignatures {
		return 0, fmt.Errorf("%d orderers signed the block, %d must", len(by), ids.OrdererSignatures)
	}
	return len(by), nil
}

// checkOrderer verifies one signature and returns who made it.
func (k *block) checkOrderer(b []byte, ids *identities) (identity, error) {
	var header, signature, identifier []byte
	if err := read(b, fields{1: &header, 2: &signature, 3: &identifier}); err != nil {
		return identity{}, err
	}
	id, err := ids.orderer(header, identifier)
	if err != nil {
		return identity{}, err
	}
	if id.role != roleOrderer {
		return identity{}, fmt.Errorf("a %s of %s signed the block", id.role, id.msp)
	}
	if len(header) == 0 {
		header = identifier
	}
	return id, id.verify(signature, k.value, header, k.headerToBeSigned)
}

// orderer finds who signed: the certificate in a signature header (Raft), or the
// consenter of an identifier header (SmartBFT).
func (i *identities) orderer(header, identifier []byte) (identity, error) {
	if (len(header) == 0) == (len(identifier) == 0) {
		return identity{}, errors.New("a block signature of nobody, or of two")
	}
	if len(identifier) == 0 {
		creator, err := inside(header, 1)
		if err != nil {
			return identity{}, err
		}
		return i.orderers.open(creator)
	}
	var n uint64
	if err := read(identifier, fields{1: &n}); err != nil {
		return identity{}, err
	}
	for _, c := range i.Consenters {
		if uint64(c.ID) == n {
			return i.orderers.check(i.consenters[n], c.MSP)
		}
	}
	return identity{}, fmt.Errorf("the agreement has no consenter %d", n)
}
