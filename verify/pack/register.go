package pack

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// Inventory returns record/inventory.csv: one line for each file of each item's
// records whose name is shown, in the order of the dossier. It follows from the
// dossier alone, so a reader computes it again and compares (spec/package.md).
//
// Columns: item, file, kind, size, sha256, disclosed. A file of another event
// than the first is written <seq>/file/<n>; disclosed is "disclosed" or
// "withheld:<code>". A file value that is none has the kind "unknown".
func (d *Dossier) Inventory() []byte {
	t := newTable("item", "file", "kind", "size", "sha256", "disclosed")
	d.eachRecord(func(item evidence.ItemID, seq uint64, v *evidence.View) {
		for _, e := range v.Files() {
			name := e.Name
			if seq > 0 {
				name = strconv.FormatUint(seq, 10) + "/" + name
			}
			if e.Form != evidence.Shown {
				t.row(item.String(), name, "", "", "", "withheld:"+string(e.Withheld.Code))
				continue
			}
			kind, size, sum := "unknown", "", ""
			if f, err := evidence.ParseFileValue(e.Value); err == nil {
				kind = string(f.Kind)
				if f.Digests != nil {
					size, sum = strconv.FormatInt(f.Digests.Size, 10), plainDigest(f.Digests)
				}
			}
			t.row(item.String(), name, kind, size, sum, "disclosed")
		}
	})
	return t.bytes()
}

// Withheld returns record/withheld.csv, the register of what is held back from
// the items' records. It follows from the dossier alone.
//
// Columns: item, seq, name, code, authority, review. A name that is held back
// as well is empty.
func (d *Dossier) Withheld() []byte {
	t := newTable("item", "seq", "name", "code", "authority", "review")
	d.eachRecord(func(item evidence.ItemID, seq uint64, v *evidence.View) {
		for _, e := range v.Entries {
			if e.Form != evidence.Shown {
				w := e.Withheld
				t.row(item.String(), strconv.FormatUint(seq, 10), e.Name, string(w.Code), w.Authority, w.Review)
			}
		}
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
