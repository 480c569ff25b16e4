package caseuco

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// Namespace is that of our own words (spec/case/custody.ttl).
const Namespace = "urn:custody:case:v1:"

// context is the JSON-LD context of every graph.
var context = map[string]string{
	"case-investigation": "https://ontology.caseontology.org/case/investigation/",
	"custody":            Namespace,
	"uco-action":         "https://ontology.unifiedcyberontology.org/uco/action/",
	"uco-core":           "https://ontology.unifiedcyberontology.org/uco/core/",
	"uco-identity":       "https://ontology.unifiedcyberontology.org/uco/identity/",
	"uco-location":       "https://ontology.unifiedcyberontology.org/uco/location/",
	"uco-marking":        "https://ontology.unifiedcyberontology.org/uco/marking/",
	"uco-observable":     "https://ontology.unifiedcyberontology.org/uco/observable/",
	"uco-types":          "https://ontology.unifiedcyberontology.org/uco/types/",
	"xsd":                "http://www.w3.org/2001/XMLSchema#",
}

// ref names a node.
type ref string

// MarshalJSON implements [json.Marshaler].
func (r ref) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]string{"@id": string(r)}) }

// names is the namespace of the names of nodes: the name-based UUID of our own
// vocabulary in that of URLs (RFC 9562 §6.6).
var names = uuid(sha1.Sum([]byte("\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8" + Namespace)))

// idOf returns the name of a node: urn:uuid with a name-based UUID (RFC 9562 §5.5) over
// its kind and what tells it from others of that kind. So a node has one name in every
// package that shows it. UCO's shapes want versions up to 5; nothing rests on its SHA-1.
func idOf(kind string, parts ...any) ref {
	return urn(sha1.Sum(fmt.Appendln(names[:len(names):len(names)], append([]any{kind}, parts...)...)))
}

// urn returns the UUID of version 5 that a hash over namespace and text makes.
func urn(h [sha1.Size]byte) ref {
	u, b := uuid(h), append(make([]byte, 0, 45), "urn:uuid:"...)
	b = append(hex.AppendEncode(b, u[:4]), '-')
	b = append(hex.AppendEncode(b, u[4:6]), '-')
	b = append(hex.AppendEncode(b, u[6:8]), '-')
	b = append(hex.AppendEncode(b, u[8:10]), '-')
	return ref(hex.AppendEncode(b, u[10:]))
}

// uuid returns the UUID of version 5 that a hash over namespace and text makes.
func uuid(h [sha1.Size]byte) []byte {
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return h[:16]
}

// id is a node's own name, where it stands as "@id".
func (r ref) id() string { return string(r) }

func typed(kind, value string) map[string]string {
	return map[string]string{"@type": kind, "@value": value}
}

func dateTime(t time.Time) map[string]string {
	return typed("xsd:dateTime", t.UTC().Format("2006-01-02T15:04:05.999Z07:00"))
}

func hexBinary(h evidence.Hash) map[string]string { return typed("xsd:hexBinary", h.String()) }

func integer(n int64) map[string]string { return typed("xsd:integer", fmt.Sprint(n)) }

// text returns what a shown value says as one string: a JSON string as it is, anything
// else as its canonical JSON.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}
