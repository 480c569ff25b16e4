package pack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
)

// Writing is what goes into a package.
type Writing struct {
	Dossier *Dossier
	Payload []Source // the copies that Dossier.Items name, in any order

	// Verdict makes record/verdict.json once the copies are written and their
	// digests known; packed is the time the statement will bear.
	Verdict func(found Contents, packed time.Time) ([]byte, error)
	// Report makes report/summary.html from that verdict; nil for a package
	// without report.
	Report func(verdict []byte) ([]byte, error)

	Packed  time.Time         // the packer's clock
	To      string            // reference of the receiver, may be empty
	Signers []evidence.Signer // of the statement, in the order of Sign's signatures
	// Sign signs the statement: [signing.Sign] with the signers' keys.
	Sign func(ctx context.Context, payloadType string, payload []byte) (*signing.Envelope, error)
}

// Write writes a package to w and leaves closing it to the caller. Everything
// but the signature follows from in: same input, same bytes. Copies stream
// through, so memory does not grow with the evidence; members of a bag are
// gathered one at a time.
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
	files[InventoryName], files[WithheldName] = in.Dossier.Inventory(), in.Dossier.Withheld()
	packed := evidence.Instant(in.Packed)
	if err := w.WriteFile(asic.Header{Name: ReadmeName, MimeType: MediaType(ReadmeName)}, readme); err != nil {
		return err
	}
	found, err := writePayload(ctx, w, in.Payload)
	if err != nil {
		return err
	}
	if files[VerdictName], err = in.Verdict(found, packed); err != nil {
		return fmt.Errorf("sender's verdict: %w", err)
	}
	if in.Report != nil {
		if files[ReportName], err = in.Report(files[VerdictName]); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		h := asic.Header{Name: name, MimeType: MediaType(name), Root: name == ReportName}
		if err := w.WriteFile(h, files[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return in.seal(ctx, w, packed)
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
	return w.AddSignature(asic.SignatureDSSE, b)
}
