package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// makeWorld is the program `world DIR` of the scripts: it writes what a court
// may be given, made by states that live in memory only.
//
//	DIR/trust.note           the list of the two states
//	DIR/other.note           a list of other states of the same names
//	DIR/lax.note             their next list, which requires question 3 alone
//	DIR/package.asice        one item of three files, handed over the border
//	DIR/held.asice           the same, the second file's values held back and not enclosed
//	DIR/dropped.asice        the same as the first without the last event
//	DIR/own/…                the three files as they were sealed
func makeWorld() {
	if err := writeWorld(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "world:", err)
		os.Exit(99)
	}
}

// worldFiles are sealed in every package of the world.
var worldFiles = []verifytest.File{
	{Path: "a.txt", Content: []byte("first\n")},
	{Path: "b.csv", Content: []byte("1;2\n")},
	{Path: "sub/c.bin", Content: []byte(strings.Repeat("long", 1<<19))},
}

func writeWorld(dir string) error {
	w := verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	bob := w.State("BB").Enrol(evidence.RoleExaminer)
	item := ann.Collect(verifytest.Record{Files: worldFiles, Fields: map[string]any{"case": "KOS-2026-0042", "description": "three files"}})
	item.Offer(ann, bob)
	item.Accept(bob)
	whole := verifytest.Packing{By: bob, Items: []*verifytest.Item{item}, Files: [][]verifytest.File{worldFiles}}
	short := *item
	short.Events = item.Events[:len(item.Events)-1]
	dropped := verifytest.Packing{By: bob, Items: []*verifytest.Item{&short}, Files: [][]verifytest.File{worldFiles}}
	files := map[string][]byte{
		"trust.note":    w.List.Note(),
		"other.note":    verifytest.New(verifytest.Config{States: []string{"CC", "DD"}}).List.Note(),
		"lax.note":      w.Next(func(l *trust.List) { l.Require = []int{3} }).Note(),
		"package.asice": w.Package(whole),
		"held.asice":    w.Package(heldBack(bob, item)),
		"dropped.asice": w.Package(dropped),
	}
	for _, f := range worldFiles {
		files["own/"+f.Path] = f.Content
	}
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// heldBack packs the item with its second file withheld: value and copy.
func heldBack(by *verifytest.Officer, item *verifytest.Item) verifytest.Packing {
	return verifytest.Packing{By: by, Items: []*verifytest.Item{item}, Dossier: func(d *pack.Dossier) {
		for i := range d.Events {
			if id, seq, err := d.Events[i].Place(); err != nil || id != item.ID || seq != 0 {
				continue
			}
			d.Events[i].Record = d.Events[i].Record.Withhold(func(e evidence.ViewEntry) *evidence.Withholding {
				if e.Name != evidence.FileName(2) {
					return nil
				}
				return &evidence.Withholding{Withheld: evidence.Withheld{
					Authority: "BB", Code: evidence.ReasonProtectedPerson, Review: "2027-01-01",
				}}
			})
		}
	}}
}
