package inspect

import (
	"fmt"
	"io"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
)

// showEvent writes line text of events.jsonl: the act, its record, its leaf, and the
// proof of the leaf.
func showEvent(w io.Writer, p *pack.Package, text string) error {
	line, err := eventLine(p, "event/", text)
	if err != nil {
		return err
	}
	if x := line.Erased; x != nil {
		_, err := fmt.Fprintf(w, "event %d of item %s was erased\nleaf      %x\nleaf hash %s, index %d\n", x.Seq, x.Item, x.Leaf[:], x.Leaf.Hash(), line.Index)
		return err
	}
	if err := showEnvelope(w, line.Envelope); err != nil {
		return err
	}
	showRecord(w, line.Record)
	env, err := signing.Parse(line.Envelope)
	if err != nil {
		return err
	}
	e, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	leaf := ledger.EventLeaf(line.SealKey, line.Salt, line.Envelope)
	fmt.Fprintf(w, "closes    %s, and the key shown closes %s\nsalt      %s\nleaf      %x\nleaf hash %s\nindex     %d of %s\n", e.Closes, line.SealKey.Seal(), line.Salt, leaf[:], leaf.Hash(), line.Index, e.Origin)
	if err := showProof(w, p.Dossier, e.Origin, line.Index, leaf); err != nil {
		return err
	}
	if line.Receipt == nil {
		return nil
	}
	return showLeads(w, p.Dossier, "receipt", line.Receipt.Note, line.Receipt.Proof, line.Index, leaf)
}

// eventLine returns the line of events.jsonl with the number that a part ends in.
func eventLine(p *pack.Package, kind, text string) (pack.EventLine, error) {
	n, ok := number(text, len(p.Dossier.Events))
	if !ok {
		return pack.EventLine{}, fmt.Errorf("%q: %w: there are %s1 to %s%d", kind+text, ErrNoPart, kind, kind, len(p.Dossier.Events))
	}
	return p.Dossier.Events[n-1], nil
}

// showReceipt writes the receipt of an event as it stands alone (C2SP tlog-proof), for
// programs that know nothing of packages.
func showReceipt(w io.Writer, p *pack.Package, text string) error {
	line, err := eventLine(p, "receipt/", text)
	if err != nil {
		return err
	}
	if line.Receipt == nil {
		return fmt.Errorf("%q: %w: event/%s is proven by the shared checkpoint alone", "receipt/"+text, ErrNoPart, text)
	}
	signed, ok := p.Dossier.Note(line.Receipt.Note)
	if !ok {
		return fmt.Errorf("checkpoint %s of the receipt: %w", line.Receipt.Note, ErrNoPart)
	}
	_, err = w.Write(ledger.Receipt{Index: line.Index, Proof: line.Receipt.Proof, Note: signed}.Marshal())
	return err
}

// showRecord writes what the reader sees of a record.
func showRecord(w io.Writer, v *evidence.View) {
	for _, e := range v.Entries {
		switch e.Form {
		case evidence.Shown:
			fmt.Fprintf(w, "record    %s = %s\n", e.Name, e.Value)
		case evidence.ValueWithheld:
			fmt.Fprintf(w, "record    %s is withheld: %s, by %s, until %s\n", e.Name, e.Withheld.Code, e.Withheld.Authority, e.Withheld.Review)
		default:
			fmt.Fprintf(w, "record    an entry is withheld with its name: %s, by %s, until %s\n", e.Withheld.Code, e.Withheld.Authority, e.Withheld.Review)
		}
	}
}

// showProof writes the inclusion proof of a leaf, and where it leads.
func showProof(w io.Writer, d *pack.Dossier, o evidence.Origin, index uint64, leaf ledger.Leaf) error {
	line := d.Log(o)
	if line == nil {
		_, err := fmt.Fprintf(w, "proof     none: the package has no line for the ledger %s\n", o)
		return err
	}
	for _, inc := range line.Inclusion {
		if inc.Index != index {
			continue
		}
		for _, h := range inc.Proof {
			fmt.Fprintf(w, "proof     %s\n", h)
		}
		return showLeads(w, d, "root", line.Note, inc.Proof, index, leaf)
	}
	_, err := fmt.Fprintf(w, "proof     none for index %d of %s\n", index, o)
	return err
}

// showLeads says whether an inclusion proof leads from a leaf to a checkpoint.
func showLeads(w io.Writer, d *pack.Dossier, what string, note evidence.Hash, proof []evidence.Hash, index uint64, leaf ledger.Leaf) error {
	signed, _ := d.Note(note)
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", note, err)
	}
	leads := "which the proof leads to"
	if err := c.VerifyInclusion(proof, index, leaf.Hash()); err != nil {
		leads = "which the proof does NOT lead to"
	}
	_, err = fmt.Fprintf(w, "%-9s %s of size %d, %s\n", what, c.Root, c.Size, leads)
	return err
}
