package pack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
)

// Writing is what goes into a package.
type Writing struct {
	Dossier *Dossier
	Payload []Source // the copies that Dossier.Items name, in any order

	// Encrypt encrypts the copies that have readers in Dossier.Readers; it may be nil
	// when none has.
	Encrypt Encrypt
	// Verdict answers for the sender once the copies are written and their digests
	// known; packed is the time the statement will bear. What it returns is asked once,
	// to write record/verdict.json.
	Verdict func(found Contents, packed time.Time) (io.WriterTo, error)
	// Report makes report/summary.html, after Verdict has answered; nil for a package
	// without report.
	Report func() ([]byte, error)
	// Graph writes case/graph.jsonld of the dossier (caseuco.Write); nil for a package
	// without one. A graph that is too large ([ErrLimit]) is left out.
	Graph func(io.Writer, *Dossier) error

	// Registers has inventory and register of what is held back written as JSON too.
	Registers bool

	Packed  time.Time         // the packer's clock
	To      string            // reference of the receiver, may be empty
	Signers []evidence.Signer // of the statement, in the order of Sign's signatures
	// Sign signs the statement: [signing.Sign] with the signers' keys.
	Sign func(ctx context.Context, payloadType string, payload []byte) (*signing.Envelope, error)
	// SignCAdES returns a CAdES signature over the manifest (spec/time.md); nil for
	// a package without one. The container must be one that was announced
	// [asic.SignatureCAdES] if and only if it is set.
	SignCAdES func(ctx context.Context, manifest []byte) ([]byte, error)
	// Stamp returns a timestamp token over the manifest, or the timestamp's own; nil
	// for a package whose packing time is the packer's word. The container must be one
	// that was announced [asic.Timestamp] if and only if it is set.
	Stamp func(ctx context.Context, manifest []byte) ([]byte, error)
}

// Write writes a package to w and leaves closing it to the caller. Everything
// but the signature follows from in: same input, same bytes. Copies stream
// through, so memory does not grow with the evidence.
//
// It refuses, before the first byte, copies that the items do not name and
// copies that are named and missing.
func Write(ctx context.Context, w *asic.Writer, in Writing) error {
	if err := in.checkPayload(); err != nil {
		return err
	}
	files, err := in.Dossier.Encode()
	if err != nil {
		return err
	}
	packed := evidence.Instant(in.Packed)
	graph, err := in.graph()
	if err != nil {
		return err
	}
	if err := w.WriteFile(asic.Header{Name: ReadmeName, MimeType: MediaType(ReadmeName)}, readme); err != nil {
		return err
	}
	if err := graph.writeTo(w, GraphName); err != nil {
		return err
	}
	found, err := writePayload(ctx, w, in)
	if err != nil {
		return err
	}
	verdict, err := in.Verdict(found, packed)
	if err != nil {
		return fmt.Errorf("sender's verdict: %w", err)
	}
	if in.Report != nil {
		if files[ReportName], err = in.Report(); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	if err := in.writeFiles(w, files, verdict); err != nil {
		return err
	}
	return in.seal(ctx, w, packed)
}

// writeFiles writes the files; the registers are made while others are written, and the
// verdict when it is its turn: of many files they have several megabytes, and tens.
func (in Writing) writeFiles(w *asic.Writer, files map[string][]byte, verdict io.WriterTo) error {
	registers := map[string]func() []byte{InventoryName: ahead(in.Dossier.Inventory), WithheldName: ahead(in.Dossier.Withheld)}
	if in.Registers {
		registers[InventoryJSONName], registers[WithheldJSONName] = ahead(in.Dossier.InventoryJSON), ahead(in.Dossier.WithheldJSON)
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(files)), maps.Keys(registers))
	names = append(names, VerdictName)
	slices.Sort(names)
	for _, name := range names {
		h := asic.Header{Name: name, MimeType: MediaType(name), Root: name == ReportName}
		var err error
		if register, ok := registers[name]; ok {
			err = w.WriteFile(h, register())
		} else if name == VerdictName {
			err = writeEntry(w, h, verdict)
		} else {
			err = w.WriteFile(h, files[name])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		delete(files, name)
		delete(registers, name)
	}
	return nil
}

// ahead begins to make a register; who asks for it waits until it is made. A panic comes
// out there, where the caller may catch it.
func ahead(make func() []byte) func() []byte {
	made := sync.OnceValue(make)
	go func() {
		defer func() { _ = recover() }()
		made()
	}()
	return made
}

// writeEntry writes a file whose length shows only when it ends.
func writeEntry(w *asic.Writer, h asic.Header, content io.WriterTo) error {
	h.Size = asic.UnknownSize
	dst, err := w.Create(h)
	if err != nil {
		return err
	}
	if _, err := content.WriteTo(dst); err != nil {
		return err
	}
	return dst.Close()
}

// checkPayload compares the copies given with those named.
func (in Writing) checkPayload() error {
	named := map[Enclosed]bool{}
	for _, i := range in.Dossier.Items {
		for _, p := range i.Payload {
			named[p] = true
		}
	}
	for _, s := range in.Payload {
		if !named[s.Enclosed] {
			return fmt.Errorf("copy %q %q of %s is named by no item, or given twice", s.Entry, s.Member, s.File)
		}
		delete(named, s.Enclosed)
	}
	for p := range named {
		return fmt.Errorf("copy %q %q of %s is named and not given", p.Entry, p.Member, p.File)
	}
	return nil
}

// seal writes manifest and statement.
func (in Writing) seal(ctx context.Context, w *asic.Writer, packed time.Time) error {
	manifest, err := w.WriteManifest()
	if err != nil {
		return err
	}
	stamped, err := in.stamped(w, manifest)
	if err != nil {
		return err
	}
	s := Statement{Format: StatementFormat, Manifest: NoteDigest(manifest), Packed: packed, Signers: in.Signers, To: in.To}
	for _, i := range in.Dossier.Items {
		s.Items = append(s.Items, i.Item)
	}
	payload, err := s.Marshal()
	if err != nil {
		return err
	}
	env, err := in.Sign(ctx, StatementType, payload)
	if err != nil {
		return fmt.Errorf("sign package: %w", err)
	}
	b, err := env.Marshal()
	if err != nil {
		return fmt.Errorf("sign package: %w", err)
	}
	if err := w.AddSignature(asic.SignatureDSSE, b); err != nil {
		return err
	}
	for _, more := range []struct {
		name, what string
		over       []byte
		make       func(context.Context, []byte) ([]byte, error)
	}{{asic.SignatureCAdES, "CAdES signature", manifest, in.SignCAdES}, {asic.Timestamp, "timestamp", stamped, in.Stamp}} {
		if more.make == nil {
			continue
		}
		made, err := more.make(ctx, more.over)
		if err != nil {
			return fmt.Errorf("%s of the package: %w", more.what, err)
		}
		if err := w.AddSignature(more.name, made); err != nil {
			return err
		}
	}
	return nil
}

// stamped writes the timestamp's own manifest, when it was announced, and returns what
// the timestamp is over.
func (in Writing) stamped(w *asic.Writer, manifest []byte) ([]byte, error) {
	if !w.Announced(asic.TimestampManifest) {
		return manifest, nil
	}
	own := w.TimestampManifest()
	return own, w.AddSignature(asic.TimestampManifest, own)
}

// graph makes the graph before the first byte is written, because one that is too
// large is left out.
func (in Writing) graph() (b blocks, err error) {
	if in.Graph != nil {
		err = in.Graph(&b, in.Dossier)
	}
	if errors.Is(err, ErrLimit) {
		return nil, nil
	}
	return b, err
}

// blocks gathers a file of unknown length in pieces, which never move: a buffer that
// grows would for a moment be there twice.
type blocks [][]byte

// Write implements [io.Writer]; it takes p in as it is and copies it.
func (b *blocks) Write(p []byte) (int, error) {
	*b = append(*b, slices.Clone(p))
	return len(p), nil
}

// writeTo writes the file as an entry, unless it is empty.
func (b blocks) writeTo(w *asic.Writer, name string) error {
	h := asic.Header{Name: name, MimeType: MediaType(name)}
	for _, p := range b {
		h.Size += int64(len(p))
	}
	if h.Size == 0 {
		return nil
	}
	dst, err := w.Create(h)
	if err != nil {
		return err
	}
	for _, p := range b {
		if _, err := dst.Write(p); err != nil {
			return err
		}
	}
	return dst.Close()
}
