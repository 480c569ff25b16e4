package pack

import (
	"encoding/hex"
	"strconv"

	"example.org/custody/evidence"
)

// InventoryJSON returns record/inventory.json, which says line by line what
// [Dossier.Inventory] says, for programs: canonical JSON, ended by a line feed
// (spec/package.md, "Registers"). It follows from the dossier alone.
func (d *Dossier) InventoryJSON() []byte {
	b := []byte(`{"files":[`)
	d.inventory(func(l inventoryLine) { b = l.append(b) })
	return endRegister(b, `],"format":"custody/inventory/v1"}`)
}

// WithheldJSON returns record/withheld.json, which says line by line what
// [Dossier.Withheld] says.
func (d *Dossier) WithheldJSON() []byte {
	b := []byte(`{"format":"custody/withheld/v1","withheld":[`)
	d.withheld(func(l withheldLine) { b = l.append(b) })
	return endRegister(b, `]}`)
}

// endRegister puts the end in place of the comma behind the last line, if there is one.
func endRegister(b []byte, end string) []byte {
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(append(b, end...), '\n')
}

// append appends a line with a comma behind it. Members stand in canonical order; no
// name, kind, code or digest has anything to escape.
func (l inventoryLine) append(b []byte) []byte {
	b = append(b, '{')
	if l.held {
		b = appendText(b, `"code":"`, string(l.code), `",`)
	}
	b = append(b, `"disclosed":`...)
	b = strconv.AppendBool(b, !l.held)
	b = appendText(b, `,"file":"`, l.file, `","item":"`, l.item, `"`)
	if l.kind != "" {
		b = appendText(b, `,"kind":"`, l.kind, `"`)
	}
	b = strconv.AppendUint(append(b, `,"seq":`...), l.seq, 10)
	if l.digests != nil {
		if l.digests.SHA256 != (evidence.Hash{}) {
			b = append(hex.AppendEncode(append(b, `,"sha256":"`...), l.digests.SHA256[:]), '"')
		}
		b = strconv.AppendInt(append(b, `,"size":`...), l.digests.Size, 10)
	}
	return append(b, "},"...)
}

// append appends a line with a comma behind it.
func (l withheldLine) append(b []byte) []byte {
	said, err := evidence.Canonical(l.why.Authority)
	if err != nil {
		panic("internal error: an authority in no UTF-8: " + err.Error()) // [evidence.View] has none
	}
	b = appendText(b, `{"authority":`, string(said), `,"code":"`, string(l.why.Code), `","item":"`, l.item, `"`)
	if l.name != "" {
		b = appendText(b, `,"name":"`, l.name, `"`)
	}
	b = strconv.AppendUint(appendText(b, `,"review":"`, l.why.Review, `","seq":`), l.seq, 10)
	return append(b, "},"...)
}

func appendText(b []byte, parts ...string) []byte {
	for _, s := range parts {
		b = append(b, s...)
	}
	return b
}
