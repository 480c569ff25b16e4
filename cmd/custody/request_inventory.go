package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla/inventory"
)

// Problems of inventories.
const (
	codeInventory      ui.Code = "E-INVENTORY"
	codeOtherInventory ui.Code = "E-OTHER-INVENTORY"
)

var _ = ui.Register(
	ui.Entry{Code: codeInventory, Class: ui.ErrUsage, Title: "Not an inventory", For: []error{inventory.ErrInventory},
		Means: "nothing was signed; what a delivery holds could not be counted or compared",
		Do:    []string{"lines as sha256sum prints them, in order of the names: sha256sum * | LC_ALL=C sort -k2", "custody help formats request"}},
	ui.Entry{Code: codeOtherInventory, Title: "Not the inventory that the sender committed to",
		Means: "nothing was signed; a comparison with another list proves nothing",
		Do:    []string{"ask the sender for the inventory of this delivery", "custody history ITEM shows what was committed to"}},
)

// inventoryFlags are on the verbs about what is delivered.
func inventoryFlags() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "inventory", Usage: "count what is delivered, or what came, from a `FILE` as sha256sum prints it"},
		&cli.PathFlag{Name: "sent-inventory", Usage: "compare with what the sender says was sent, from a `FILE` likewise"},
		&cli.PathFlag{Name: "difference", Usage: "write the report of the difference to `FILE`"},
	}
}

// addInventory puts into a step what its inventories say. The report of their
// difference is kept once the step is signed, and left otherwise; it is nil when
// none is asked for.
func (t *tool) addInventory(c *cli.Context, verb string, st *desk.RequestStep) (*ui.Output, error) {
	file, sent, report := c.Path("inventory"), c.Path("sent-inventory"), c.Path("difference")
	if file == "" {
		if sent != "" || report != "" {
			return nil, ui.Usage("--inventory FILE", "there is nothing to compare with")
		}
		return nil, nil
	}
	if (sent == "") != (report == "") {
		return nil, ui.Usage("--sent-inventory FILE --difference OUT.json", "a comparison needs what was sent, and a file for its report")
	}
	inv, err := readInventory(file)
	if err != nil {
		return nil, err
	}
	prefix := "inventory"
	if verb == "receive" {
		prefix = "received"
	}
	st.Facts[prefix+"-count"], st.Facts[prefix+"-root"] = inv.Commitment().Count, inv.Commitment().Root
	if sent == "" {
		return nil, nil
	}
	return t.addDifference(st, inv, sent, report)
}

func readInventory(file string) (*inventory.Inventory, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return inventory.Read(f)
}

// addDifference compares what came with what was sent, puts the numbers and the
// digest of the report into the step, and makes the report.
func (t *tool) addDifference(st *desk.RequestStep, received *inventory.Inventory, sentFile, report string) (*ui.Output, error) {
	sent, err := readInventory(sentFile)
	if err != nil {
		return nil, err
	}
	if count, root, ok := st.Request.History.Sent(); !ok || count != sent.Commitment().Count || root != sent.Commitment().Root {
		return nil, ui.NewProblem(codeOtherInventory, nil, "%s has %d entries and the root %s; the sender committed to %d and %s",
			ui.Name(sentFile), sent.Commitment().Count, sent.Commitment().Root, count, root)
	}
	d := inventory.Compare(sent, received)
	b, err := d.Marshal()
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(b)
	st.Facts["added"], st.Facts["removed"], st.Facts["changed"] = len(d.Added), len(d.Removed), len(d.Changed)
	st.Facts["difference"] = "sha256:" + hex.EncodeToString(digest[:])
	w, err := t.term.Output(report, ui.OutputOptions{})
	if err != nil {
		return nil, err
	}
	_, err = w.Write(b)
	return w, err
}

// writeWhole writes a file that must not exist yet, whole or not at all.
func (t *tool) writeWhole(file string, b []byte) error {
	w, err := t.term.Output(file, ui.OutputOptions{})
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Commit()
}
