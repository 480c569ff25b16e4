package verifytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/readers"
)

// Dossier returns the dossier about items: their events, those of the keys that
// signed, and the proofs of every ledger under a fresh checkpoint.
func (w *World) Dossier(items ...*Item) *pack.Dossier { return w.DossierWith(nil, items...) }

// DossierWith also shows the events of further officers' keys.
func (w *World) DossierWith(also []*Officer, items ...*Item) *pack.Dossier {
	w.Refresh()
	b := w.Builder(also, items...)
	var lines []pack.ItemLine
	for _, i := range items {
		lines = append(lines, pack.ItemLine{Item: i.ID})
	}
	return w.Build(b, lines)
}

// Builder returns a builder that has the items' events and their signers'.
func (w *World) Builder(also []*Officer, items ...*Item) *pack.Builder {
	b := &pack.Builder{Lists: [][]byte{w.List.Note()}, Policies: w.Policies, Certs: w.Certs, Anchors: append(w.shared(), w.Anchors...)}
	need := map[evidence.ItemID]bool{}
	for _, o := range also {
		need[o.Enrolment.ID] = true
	}
	for _, i := range items {
		for _, e := range i.Events {
			if e.Erased {
				b.AddErased(e.Log.Origin, e.Index, pack.Erased{Item: i.ID, Seq: uint64(e.Event.Seq), Leaf: e.Leaf})
				continue
			}
			must(b.Add(e.Held))
			for _, s := range e.Event.Signers {
				need[s.Enrolled] = true
			}
		}
	}
	for _, e := range w.events {
		if need[e.Item.ID] {
			must(b.Add(e.Held))
		}
	}
	for _, s := range w.States {
		for _, l := range s.Logs {
			for _, n := range l.notes {
				b.AddNote(n)
			}
		}
	}
	return b
}

// Refresh has every ledger's checkpoint cosigned again at the present time, as
// ledgers do all the time.
func (w *World) Refresh() {
	w.Tick(time.Second)
	for _, s := range w.States {
		for _, l := range s.Logs {
			l.Checkpoint(Cosigning{})
		}
	}
}

// Build finishes a builder with every ledger's newest checkpoint.
func (w *World) Build(b *pack.Builder, lines []pack.ItemLine) *pack.Dossier {
	var provers []pack.Prover
	for _, s := range w.States {
		for _, l := range s.Logs {
			if _, _, ok := l.Seals.LastEpoch(); ok {
				provers = append(provers, l.Prover())
			}
		}
	}
	d, err := b.Build(context.Background(), lines, provers...)
	must(err)
	return d
}

// Clone returns a copy of a dossier that shares nothing, by its encoding.
func Clone(d *pack.Dossier) *pack.Dossier {
	files, err := d.Encode()
	must(err)
	for name, b := range files {
		files[name] = bytes.Clone(b)
	}
	c, err := pack.Decode(files)
	must(err)
	return c
}

// Packing says how a package is made.
type Packing struct {
	By    *Officer
	Items []*Item
	Files [][]File // contents of the files of each item, enclosed in order; nil: none
	Bags  bool     // as members of BagIt bags
	Plain bool     // as members of bags of the earlier form

	// Readers are the recipients that the copy of each file is encrypted to, by its
	// number from 1; in a bag those of file 1 count for the whole.
	Readers map[int][]string

	Dossier func(*pack.Dossier)                                 // changes the dossier
	Verdict func(pack.Contents, time.Time) (io.WriterTo, error) // instead of the sender's own
	To      string
	CAdES   func(manifest []byte) []byte         // the CAdES signature over the manifest; nil: none
	Stamp   func(manifest []byte) []byte         // the timestamp token over the manifest; nil: none
	Graph   func(io.Writer, *pack.Dossier) error // writes the graph of the investigation; nil: none

	Registers bool // as JSON too
	Own       bool // the timestamp has a manifest of its own, which it is over
}

// Package writes a package and returns its bytes.
func (w *World) Package(p Packing) []byte {
	d := w.DossierWith([]*Officer{p.By}, p.Items...)
	var sources []pack.Source
	for i := range p.Items {
		if i >= len(p.Files) {
			continue
		}
		for n, f := range p.Files[i] {
			e := pack.Enclosed{Entry: pack.PayloadName(i+1, n+1, path.Ext(f.Path)), File: evidence.FileName(n + 1)}
			to := p.Readers[n+1]
			if p.Bags || p.Plain {
				e.Entry, e.Member = pack.BagName(i+1), pack.BagMember(i+1, n+1)
				to = p.Readers[1]
			}
			if p.Plain {
				e.Member = fmt.Sprint(n + 1)
			}
			if to != nil {
				e.Entry = pack.Encrypted(e.Entry)
				d.AddReaders(e.Entry, to)
			}
			d.Items[i].Payload = append(d.Items[i].Payload, e)
			sources = append(sources, pack.Source{Enclosed: e, Size: int64(len(f.Content)), Open: func() (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(f.Content)), nil
			}})
		}
	}
	if p.Dossier != nil {
		p.Dossier(d)
	}
	return w.Write(p, d, sources)
}

// Write writes a package of any dossier.
func (w *World) Write(p Packing, d *pack.Dossier, sources []pack.Source) []byte {
	var buf memFile
	a, err := asic.NewWriter(&buf, asic.Options{Signatures: signatures(p.CAdES != nil, p.Stamp != nil, p.Own)})
	must(err)
	must(pack.Write(context.Background(), a, w.Writing(p, d, sources)))
	must(a.Close())
	return buf
}

// Writing is what [World.Write] writes.
func (w *World) Writing(p Packing, d *pack.Dossier, sources []pack.Source) pack.Writing {
	verdict := p.Verdict
	if verdict == nil {
		verdict = func(found pack.Contents, at time.Time) (io.WriterTo, error) {
			return verify.Sender(d, found, at, p.To, w.Trust())
		}
	}
	return pack.Writing{
		Graph: p.Graph, Registers: p.Registers, SignCAdES: made(p.CAdES), Stamp: made(p.Stamp), Dossier: d, Payload: sources, Encrypt: readers.Encrypt, Verdict: verdict, Packed: w.Now, To: p.To,
		Report: func() ([]byte, error) {
			return []byte("<!doctype html><title>statement of the sender</title>\n"), nil
		},
		Signers: []evidence.Signer{p.By.Signer()},
		Sign: func(ctx context.Context, kind string, payload []byte) (*signing.Envelope, error) {
			return signing.Sign(ctx, kind, payload, p.By.key)
		},
	}
}

// made turns what makes a signature file into what [pack.Writing] asks for.
func made(by func([]byte) []byte) func(context.Context, []byte) ([]byte, error) {
	if by == nil {
		return nil
	}
	return func(_ context.Context, manifest []byte) ([]byte, error) { return by(manifest), nil }
}

// memFile is a file in memory.
type memFile []byte

// WriteAt implements [io.WriterAt].
func (m *memFile) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(*m) {
		*m = append(*m, make([]byte, need-len(*m))...)
	}
	return copy((*m)[at:], p), nil
}

// ReadAt implements [io.ReaderAt].
func (m *memFile) ReadAt(p []byte, at int64) (int, error) { return bytes.NewReader(*m).ReadAt(p, at) }
