package caseuco

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// files writes every file that the record shows with digests, and appends the list of
// what the provenance record is about, which begins with first. A record has many
// thousands of them, all alike: their nodes are put together here byte for byte, in the
// order of members that [evidence.Canonical] gives every other node.
func (a *act) files(first ref) json.RawMessage {
	w := fileNodes{graph: a.graph, item: a.event.Item.String()}
	all := append(appendRefs([]byte{'['}, first), ']')
	for n, e := range a.line.Record.Files() {
		if e.Form != evidence.Shown {
			continue
		}
		v, err := evidence.ParseFileValue(e.Value)
		if err != nil || v.Digests == nil {
			continue
		}
		all = append(appendRefs(append(all[:len(all)-1], ','), w.file(n, &v)), ']')
		if a.out.n > MaxSize {
			break // it is left out
		}
	}
	return all
}

// fileNodes writes the nodes of files.
type fileNodes struct {
	*graph
	item string
	text []byte // scratch of the name of a node
	node []byte // scratch of a node
}

// file writes the nodes of file n: digests, content, name, tree, and the file itself.
func (w *fileNodes) file(n int, v *evidence.FileValue) ref {
	r, content, named, tree := w.id("file", n, ""), w.id("file-content", n, ""), w.id("file-name", n, ""), w.id("tree", n, "")
	var hashes []ref
	if v.Digests.SHA256 != (evidence.Hash{}) {
		hashes = append(hashes, w.hash(n, "SHA256", v.Digests.SHA256[:]))
	}
	if v.Digests.SHA512 != (evidence.Hash512{}) {
		hashes = append(hashes, w.hash(n, "SHA512", v.Digests.SHA512[:]))
	}
	w.begin(content, "uco-observable:ContentDataFacet")
	if len(hashes) > 0 {
		w.raw(`,"uco-observable:hash":[`)
		w.node = append(appendRefs(w.node, hashes...), ']')
	}
	w.raw(`,"uco-observable:sizeInBytes":{"@type":"xsd:integer","@value":"`)
	w.node = strconv.AppendInt(w.node, v.Digests.Size, 10)
	w.end(`"}`)
	w.begin(named, "uco-observable:FileFacet")
	w.raw(`,"uco-observable:fileName":`)
	w.quoted(v.Path[strings.LastIndexByte(v.Path, '/')+1:])
	w.raw(`,"uco-observable:filePath":`)
	w.quoted(v.Path)
	w.end("")
	w.begin(tree, "custody:ContentTreeFacet")
	w.raw(`,"custody:contentTree":{"@type":"xsd:hexBinary","@value":"`)
	w.node = hex.AppendEncode(w.node, v.Digests.Tree[:])
	w.end(`"}`)
	w.begin(r, "uco-observable:File")
	w.raw(`,"uco-core:hasFacet":[`)
	w.node = appendRefs(w.node, content, named, tree)
	w.end("]")
	return r
}

// hash writes the node of one digest.
func (w *fileNodes) hash(n int, method string, sum []byte) ref {
	id := w.id("hash", n, " "+method)
	w.begin(id, "uco-types:Hash")
	w.raw(`,"uco-types:hashMethod":"`, method, `","uco-types:hashValue":{"@type":"xsd:hexBinary","@value":"`)
	w.node = hex.AppendEncode(w.node, sum)
	w.end(`"}`)
	return id
}

// id is [idOf] of what belongs to file n of the item.
func (w *fileNodes) id(kind string, n int, more string) ref {
	w.text = append(append(append(append(w.text[:0], names...), kind...), ' '), w.item...)
	w.text = strconv.AppendInt(append(w.text, ' '), int64(n), 10)
	w.text = append(append(w.text, more...), '\n')
	return urn(sha1.Sum(w.text))
}

// begin starts a node with the members that each has.
func (w *fileNodes) begin(r ref, kind string) {
	w.node = w.node[:0]
	w.raw(`{"@id":"`, string(r), `","@type":"`, kind, `"`)
}

func (w *fileNodes) raw(parts ...string) {
	for _, s := range parts {
		w.node = append(w.node, s...)
	}
}

// quoted appends a text, which is UTF-8, as RFC 8785 writes it.
func (w *fileNodes) quoted(s string) {
	if strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == '"' || c == '\\' }) {
		b, _ := evidence.Canonical(s) // any text in UTF-8 has a canonical form
		w.node = append(w.node, b...)
		return
	}
	w.raw(`"`, s, `"`)
}

// end writes the node.
func (w *fileNodes) end(rest string) {
	w.raw(rest, "}")
	w.put(w.node)
}

// appendRefs appends references, with commas between them.
func appendRefs(b []byte, all ...ref) []byte {
	for i, r := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"@id":"`...), r...), `"}`...)
	}
	return b
}
