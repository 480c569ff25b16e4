package channel

import (
	"fmt"

	"example.org/custody/ledger/anchor"
	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's messages are of the old interface
	"github.com/hyperledger/fabric-protos-go/common"
)

// proofOf finds a transaction in its block.
func proofOf(b *common.Block, id string) (anchor.Proof, error) {
	for i, t := range b.GetData().GetData() {
		if idOf(t) != id {
			continue
		}
		raw, err := marshal(b)
		return anchor.Proof{Block: raw, Transaction: i}, err
	}
	return anchor.Proof{}, fmt.Errorf("the block that should have transaction %s does not", id)
}

func idOf(envelope []byte) string {
	var e common.Envelope
	var p common.Payload
	var h common.ChannelHeader
	if proto.Unmarshal(envelope, &e) != nil || proto.Unmarshal(e.Payload, &p) != nil || proto.Unmarshal(p.GetHeader().GetChannelHeader(), &h) != nil {
		return ""
	}
	return h.TxId
}

func marshal(m proto.Message) ([]byte, error) { return proto.Marshal(m) }
