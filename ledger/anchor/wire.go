package anchor

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// fields says where the fields of a message go, by number: *[]byte and *uint64 for a
// field that stands once or not at all, *[][]byte for a list.
type fields map[protowire.Number]any

// read reads one protobuf message. A field that is not asked for is passed over; one
// that is asked for, is no list and stands twice is refused: Fabric's own readers would
// take the last or join them, and somebody else the first.
func read(b []byte, into fields) error {
	seen := make(map[protowire.Number]bool, len(into))
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("protobuf: %w", protowire.ParseError(n))
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
			return fmt.Errorf("protobuf field %d: %w", num, protowire.ParseError(n))
		}
		value := b[:n]
		b = b[n:]
		to, ok := into[num]
		if !ok {
			continue
		}
		if _, list := to.(*[][]byte); seen[num] && !list {
			return fmt.Errorf("protobuf field %d stands twice", num)
		}
		seen[num] = true
		if err := set(to, typ, value); err != nil {
			return fmt.Errorf("protobuf field %d: %w", num, err)
		}
	}
	return nil
}

func set(to any, typ protowire.Type, value []byte) error {
	if n, ok := to.(*uint64); ok && typ == protowire.VarintType {
		*n, _ = protowire.ConsumeVarint(value)
		return nil
	}
	if typ != protowire.BytesType {
		return fmt.Errorf("wire type %d", typ)
	}
	b, _ := protowire.ConsumeBytes(value)
	switch to := to.(type) {
	case *[]byte:
		*to = b
	case *[][]byte:
		*to = append(*to, b)
	default:
		return fmt.Errorf("wire type %d", typ)
	}
	return nil
}

// inside reads a chain of messages: the field of each by number, down to the last one's.
func inside(b []byte, path ...protowire.Number) ([]byte, error) {
	for _, num := range path {
		var next []byte
		if err := read(b, fields{num: &next}); err != nil {
			return nil, err
		}
		b = next
	}
	return b, nil
}
