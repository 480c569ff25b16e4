package pack_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// inventoryFile is a line of the inventory as a program reads it.
type inventoryFile struct {
	Code      string `json:"code"`
	Disclosed bool   `json:"disclosed"`
	File      string `json:"file"`
	Item      string `json:"item"`
	Kind      string `json:"kind"`
	Seq       int    `json:"seq"`
	SHA256    string `json:"sha256"`
	Size      *int64 `json:"size"`
}

// row returns the line as it stands in the table.
func (f inventoryFile) row() []string {
	row := []string{f.Item, f.File, f.Kind, "", f.SHA256, "disclosed"}
	if f.Seq > 0 {
		row[1] = strconv.Itoa(f.Seq) + "/" + f.File
	}
	if f.Size != nil {
		row[3] = strconv.FormatInt(*f.Size, 10)
	}
	if !f.Disclosed {
		row[5] = "withheld:" + f.Code
	}
	return row
}

// heldBack is a dossier with a file disclosed, one withheld, and fields withheld with
// their names or without, by somebody whose name no spreadsheet may run.
func heldBack(t *testing.T) *pack.Dossier {
	d := handed(t)
	for i, line := range d.Events {
		d.Events[i].Record = line.Record.Withhold(func(e evidence.ViewEntry) *evidence.Withholding {
			w := evidence.Withholding{Withheld: evidence.Withheld{Authority: "=SUM(\"A\"),\\é", Code: evidence.ReasonScope, Review: "2027-01-01"}}
			switch {
			case e.Name == "case":
				return &w
			case e.Name == evidence.FileName(1) && i == 0:
				return &w
			case strings.HasPrefix(e.Name, "condition"):
				w.Name = true
				return &w
			}
			return nil
		})
	}
	return d
}

// What the registers say as JSON is, line by line, what they say as CSV, and canonical.
func TestRegistersAreOne(t *testing.T) {
	for name, d := range map[string]*pack.Dossier{"shown": handed(t), "held back": heldBack(t), "empty": {}} {
		var files struct {
			Files  []inventoryFile `json:"files"`
			Format string          `json:"format"`
		}
		var rows [][]string
		readRegister(t, d.InventoryJSON(), &files)
		for _, f := range files.Files {
			rows = append(rows, f.row())
		}
		sameRows(t, name, d.Inventory(), rows)

		var held struct {
			Format   string `json:"format"`
			Withheld []struct {
				Authority string `json:"authority"`
				Code      string `json:"code"`
				Item      string `json:"item"`
				Name      string `json:"name"`
				Review    string `json:"review"`
				Seq       int    `json:"seq"`
			} `json:"withheld"`
		}
		rows = nil
		readRegister(t, d.WithheldJSON(), &held)
		for _, w := range held.Withheld {
			rows = append(rows, []string{w.Item, strconv.Itoa(w.Seq), w.Name, w.Code, strings.Replace(w.Authority, "=", "'=", 1), w.Review})
		}
		sameRows(t, name, d.Withheld(), rows)
		if name == "held back" && (len(held.Withheld) == 0 || files.Files[0].Disclosed) {
			t.Errorf("%s: %d entries, and %v", name, len(held.Withheld), files.Files)
		}
	}
}

// readRegister decodes a register, which must be canonical and end with a line feed.
func readRegister(t *testing.T, b []byte, into any) {
	t.Helper()
	text, ended := bytes.CutSuffix(b, []byte("\n"))
	var any any
	if err := evidence.ParseCanonical(text, &any); err != nil || !ended {
		t.Fatalf("%v: %s", err, b)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// sameRows compares the rows of a table, below its heading, with those given.
func sameRows(t *testing.T, name string, table []byte, rows [][]string) {
	t.Helper()
	var want bytes.Buffer
	head, _, _ := bytes.Cut(table, []byte("\n"))
	want.Write(append(head, '\n'))
	if err := csv.NewWriter(&want).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Bytes(), table) {
		t.Errorf("%s: JSON says\n%s and CSV\n%s", name, want.Bytes(), table)
	}
}
