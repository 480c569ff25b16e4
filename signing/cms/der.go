package cms

import (
	"bytes"
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Limits on what is read: a token is about 2 KiB, a signature with its chain
// and token about 10.
const (
	maxSize  = 1 << 20 // bytes of signed data
	maxCerts = 16
	maxAttrs = 32
)

// Tags of the module that RFC 5652 is written in.
var (
	explicit0 = der.Tag(0).ContextSpecific().Constructed()
	explicit1 = der.Tag(1).ContextSpecific().Constructed()
	explicit4 = der.Tag(4).ContextSpecific().Constructed()
)

// attribute is one attribute with exactly one value.
type attribute struct {
	kind  asn1.ObjectIdentifier
	value cryptobyte.String // one element
}

// readAttributes reads the content of a SET OF Attribute: sorted as DER wants,
// every type once, every attribute with one value.
func readAttributes(set cryptobyte.String) ([]attribute, error) {
	var all []attribute
	var last []byte
	for !set.Empty() {
		var whole, body, values cryptobyte.String
		var a attribute
		if len(all) == maxAttrs || !set.ReadASN1Element(&whole, der.SEQUENCE) {
			return nil, badForm("attributes are too many, or no attributes")
		}
		if last != nil && bytes.Compare(last, whole) >= 0 {
			return nil, badForm("attributes are not in the order of DER")
		}
		last = whole
		copied := whole
		if !copied.ReadASN1(&body, der.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&a.kind) || !body.ReadASN1(&values, der.SET) || !body.Empty() ||
			!values.ReadAnyASN1Element(&a.value, new(der.Tag)) || !values.Empty() {
			return nil, badForm("attribute %s has no value, or several", a.kind)
		}
		if slices.ContainsFunc(all, func(b attribute) bool { return b.kind.Equal(a.kind) }) {
			return nil, badForm("attribute %s stands twice", a.kind)
		}
		all = append(all, a)
	}
	return all, nil
}

// find returns the value of the attribute of that type.
func find(all []attribute, kind asn1.ObjectIdentifier) (cryptobyte.String, bool) {
	for _, a := range all {
		if a.kind.Equal(kind) {
			return a.value, true
		}
	}
	return nil, false
}

// addAttribute appends the encoding of an attribute with one value.
func addAttribute(to [][]byte, kind asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) [][]byte {
	b := new(cryptobyte.Builder)
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(kind)
		b.AddASN1(der.SET, value)
	})
	return append(to, b.BytesOrPanic())
}

// addSet writes encodings as a SET OF under the tag, sorted as DER wants
// (X.690 §11.6).
func addSet(b *cryptobyte.Builder, tag der.Tag, encodings [][]byte) {
	encodings = slices.Clone(encodings)
	slices.SortFunc(encodings, bytes.Compare)
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		for _, e := range encodings {
			b.AddBytes(e)
		}
	})
}
