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
	n, ok := number(text, len(p.Dossier.Events))
	if !ok {
		return fmt.Errorf("%q: %w: there are event/1 to event/%d", "event/"+text, ErrNoPart, len(p.Dossier.Events))
	}
	line := p.Dossier.Events[n-1]
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
	return showProof(w, p.Dossier, e.Origin, line.Index, leaf)
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
		signed, _ := d.Note(line.Note)
		c, err := ledger.ReadCheckpoint(signed)
		if err != nil {
			return fmt.Errorf("checkpoint %s: %w", line.Note, err)
		}
		leads := "which the proof leads to"
		if err := c.VerifyInclusion(inc.Proof, index, leaf.Hash()); err != nil {
			leads = "which the proof does NOT lead to"
		}
		_, err = fmt.Fprintf(w, "root      %s of size %d, %s\n", c.Root, c.Size, leads)
		return err
	}
	_, err := fmt.Fprintf(w, "proof     none for index %d of %s\n", index, o)
	return err
}
