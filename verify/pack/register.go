package pack

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// inventoryLine is one line of the inventory, in the order of the dossier.
type inventoryLine struct {
	item string
	seq  uint64
	file string
	held bool
	code evidence.ReasonCode // why it is held back
	kind string              // "unknown" of a value that is none of a file; empty when held back

	digests *evidence.Digests // nil when none are shown
}

// inventory calls f for each file of each item's records whose name is shown.
func (d *Dossier) inventory(f func(inventoryLine)) {
	d.eachRecord(func(item evidence.ItemID, seq uint64, v *evidence.View) {
		id := item.String()
		for _, e := range v.Files() {
			l := inventoryLine{item: id, seq: seq, file: e.Name, held: e.Form != evidence.Shown, code: e.Withheld.Code}
			if !l.held {
				l.kind = "unknown"
				if v, err := evidence.ParseFileValue(e.Value); err == nil {
					l.kind, l.digests = string(v.Kind), v.Digests
				}
			}
			f(l)
		}
	})
}

// Inventory returns record/inventory.csv: one line for each file of each item's
// records whose name is shown, in the order of the dossier. It follows from the
// dossier alone, so a reader computes it again and compares (spec/package.md).
//
// Columns: item, file, kind, size, sha256, disclosed. A file of another event
// than the first is written <seq>/file/<n>; disclosed is "disclosed" or
// "withheld:<code>". A file value that is none has the kind "unknown".
func (d *Dossier) Inventory() []byte {
	t := newTable("item", "file", "kind", "size", "sha256", "disclosed")
	d.inventory(func(l inventoryLine) {
		disclosed, size, sum := "disclosed", "", ""
		if l.held {
			disclosed = "withheld:" + string(l.code)
		}
		if l.digests != nil {
			size, sum = strconv.FormatInt(l.digests.Size, 10), plainDigest(l.digests)
		}
		if l.seq > 0 {
			l.file = strconv.FormatUint(l.seq, 10) + "/" + l.file
		}
		t.row(l.item, l.file, l.kind, size, sum, disclosed)
	})
	return t.bytes()
}

// withheldLine is one line of the register of what is held back.
type withheldLine struct {
	item string
	seq  uint64
	name string // empty when it is held back too
	why  evidence.Withheld
}

// withheld calls f for each entry that is held back from the items' records.
func (d *Dossier) withheld(f func(withheldLine)) {
	d.eachRecord(func(item evidence.ItemID, seq uint64, v *evidence.View) {
		for _, e := range v.Entries {
			if e.Form != evidence.Shown {
				f(withheldLine{item.String(), seq, e.Name, e.Withheld})
			}
		}
	})
}

// Withheld returns record/withheld.csv, the register of what is held back from
// the items' records. It follows from the dossier alone.
//
// Columns: item, seq, name, code, authority, review. A name that is held back
// as well is empty.
func (d *Dossier) Withheld() []byte {
	t := newTable("item", "seq", "name", "code", "authority", "review")
	d.withheld(func(l withheldLine) {
		t.row(l.item, strconv.FormatUint(l.seq, 10), l.name, string(l.why.Code), l.why.Authority, l.why.Review)
	})
	return t.bytes()
}

func plainDigest(d *evidence.Digests) string {
	if d.SHA256 == (evidence.Hash{}) {
		return ""
	}
	return d.SHA256.String()
}

// eachRecord calls f for every record of the items, in the dossier's order. It
// leaves out the events of keys, and envelopes that say no place.
func (d *Dossier) eachRecord(f func(evidence.ItemID, uint64, *evidence.View)) {
	asked := d.placer()
	for _, e := range d.Events {
		item, seq, err := e.Place()
		if _, ok := asked[item]; err == nil && ok && e.Erased == nil && e.Record != nil {
			f(item, seq, e.Record)
		}
	}
}

// table writes CSV (RFC 4180 with LF).
type table struct {
	buf bytes.Buffer
	w   *csv.Writer
}

func newTable(columns ...string) *table {
	t := &table{}
	t.w = csv.NewWriter(&t.buf)
	t.row(columns...)
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		// A spreadsheet would run such a cell as a formula.
		if c != "" && strings.ContainsRune("=+-@\t", rune(c[0])) {
			cells[i] = "'" + c
		}
	}
	t.w.Write(cells)
}

func (t *table) bytes() []byte {
	t.w.Flush()
	return t.buf.Bytes()
}
