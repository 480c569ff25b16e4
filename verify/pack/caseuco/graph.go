package caseuco

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
)

// MaxSize is the most bytes that a graph has (spec/package.md, "Limits").
const MaxSize = 64 << 20

// ErrLimit reports a dossier whose graph would be larger than [MaxSize]; it wraps
// [pack.ErrLimit].
var ErrLimit = fmt.Errorf("graph is too large: %w", pack.ErrLimit)

// Graph returns the dossier's graph as [Write] writes it.
func Graph(d *pack.Dossier) ([]byte, error) {
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write writes the dossier's graph as canonical JSON, and keeps little of it in memory,
// however many files there are. Events that cannot be read are left out: that they are
// there is the verdict's to say.
//
// It returns [ErrLimit], with more written than counts, and w's error.
func Write(w io.Writer, d *pack.Dossier) error {
	g := &graph{out: counted{bufio.NewWriterSize(w, 64<<10), 0}, items: map[evidence.ItemID]bool{}, keys: map[evidence.KeyID]bool{}, last: map[evidence.ItemID]ref{}, places: map[string]bool{}, contents: []ref{}}
	g.out.text(`{"@context":`)
	g.out.bytes(g.canonical(context))
	g.out.text(`,"@graph":[`)
	asked := map[evidence.ItemID]bool{}
	for _, line := range d.Items {
		asked[line.Item] = true
		g.item(line.Item)
	}
	for _, line := range d.Events {
		item, _, err := line.Place()
		if err != nil || !asked[item] {
			continue
		}
		if line.Erased != nil {
			g.erased(line)
			continue
		}
		g.event(line)
		if g.out.n > MaxSize {
			break
		}
	}
	g.investigation(d.Items)
	g.out.text("]}\n")
	switch {
	case g.err != nil:
		return g.err
	case g.out.n > MaxSize:
		return fmt.Errorf("more than %d bytes: %w", MaxSize, ErrLimit)
	}
	return g.out.w.Flush()
}

// counted counts what is written. The writer beneath keeps its first error and returns
// it when it is flushed.
type counted struct {
	w *bufio.Writer
	n int
}

func (c *counted) text(s string) {
	c.w.WriteString(s)
	c.n += len(s)
}

func (c *counted) bytes(b []byte) {
	c.w.Write(b)
	c.n += len(b)
}

// graph is a graph in the making. Nodes are written as soon as they are known, so that
// of many thousand files nothing is kept.
type graph struct {
	out   counted
	nodes int
	err   error

	items    map[evidence.ItemID]bool // that are written
	keys     map[evidence.KeyID]bool  // whose identity is written
	places   map[string]bool          // that are written
	last     map[evidence.ItemID]ref  // the action before, by item
	contents []ref                    // of the investigation
	cases    []string                 // references of proceedings
	permits  []ref                    // authorisations
}

// node is one node; its members are sorted by the encoding.
type node map[string]any

// add writes one node.
func (g *graph) add(n node) { g.put(g.canonical(n)) }

// put writes one node whose canonical form is b.
func (g *graph) put(b []byte) {
	if g.nodes++; g.nodes > 1 {
		g.out.text(",")
	}
	g.out.bytes(b)
}

func (g *graph) canonical(v any) []byte {
	b, err := evidence.Canonical(v)
	if g.err == nil && err != nil {
		g.err = fmt.Errorf("case graph: %w", err)
	}
	return b
}

// event writes one act, and what its record shows.
func (g *graph) event(line pack.EventLine) {
	env, err := signing.Parse(line.Envelope)
	if err != nil {
		return
	}
	e, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return
	}
	a := &act{graph: g, event: e, line: line, at: idOf("action", e.Item, e.Seq)}
	a.write()
	g.last[e.Item] = a.at
	g.contents = append(g.contents, a.at)
}

// investigation writes the node that everything hangs on.
func (g *graph) investigation(items []pack.ItemLine) {
	var about strings.Builder
	for _, i := range items {
		about.WriteString(i.Item.String())
	}
	n := node{"@id": idOf("investigation", about.String()).id(), "@type": "case-investigation:Investigation", "case-investigation:investigationForm": "case", "uco-core:object": g.contents}
	if len(g.cases) > 0 {
		n["uco-core:name"] = g.cases[0]
	}
	if len(g.permits) > 0 {
		n["case-investigation:relevantAuthorization"] = g.permits
	}
	g.add(n)
}
