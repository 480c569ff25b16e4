package main

import (
	"fmt"
	"io"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

// sealedOutput is the output of seal and derive.
type sealedOutput struct {
	acted
	Item    evidence.ItemID `json:"item,omitzero"` // of what was sealed; absent in a dry run
	Sealed  int             `json:"sealed"`        // number of entries that are files, links, folders …
	Bytes   int64           `json:"bytes"`         // of content
	Earlier int             `json:"earlier"`       // files whose content was sealed here before
	Odd     []oddLine       `json:"odd"`           // what was met and is no plain file with a plain name
	Seconds float64         `json:"seconds"`
}

// oddLine is one thing that a reader of the evidence should know of.
type oddLine struct {
	Path string            `json:"path"`
	Kind evidence.FileKind `json:"kind"`
	Text string            `json:"text"` // one plain sentence
}

// sealed adds what came of a sealing; others are acts done with it.
func (r *report) sealed(sealed *desk.Sealed, others []desk.Done, err error) {
	if sealed == nil {
		r.add(others, err)
		r.shape = func() (any, func(io.Writer) error) { return sealedOutput{acted: r.out, Odd: []oddLine{}}, r.text }
		return
	}
	r.add(append(others, sealed.Done), err)
	r.t.warnUnread(sealed)
	r.shape = func() (any, func(io.Writer) error) {
		out := sealedOutput{acted: r.out, Odd: []oddLine{}}
		out.add(sealed)
		return out, func(w io.Writer) error { return r.t.writeSealed(w, &out) }
	}
}

// warnUnread says that content which was to be sealed is not in custody.
func (t *tool) warnUnread(s *desk.Sealed) {
	unread := 0
	for _, v := range s.Odd {
		if v.Kind == evidence.KindUnreadable || v.Kind == evidence.KindVanished {
			unread++
		}
	}
	if unread > 0 {
		t.term.Warn("%s of %d could not be read: the item says so, and their content is not in custody", ui.Count(unread, "entry", "entries"), s.Files)
	}
}

func (o *sealedOutput) add(s *desk.Sealed) {
	o.Item, o.Sealed, o.Bytes, o.Earlier = s.Item, s.Files, s.Bytes, s.Earlier
	o.Seconds = float64(s.Duration.Milliseconds()) / 1000
	for _, v := range s.Odd {
		o.Odd = append(o.Odd, oddLine{Path: v.Path, Kind: v.Kind, Text: oddText(v)})
	}
}

func (t *tool) writeSealed(w io.Writer, o *sealedOutput) error {
	last := o.Acts[len(o.Acts)-1]
	took := time.Duration(o.Seconds * float64(time.Second)).Round(time.Millisecond)
	fmt.Fprintf(w, "item     %s\n", o.Item)
	if last.Leaf != "" {
		fmt.Fprintf(w, "leaf     %s\n", last.Leaf)
	}
	fmt.Fprintf(w, "sealed   %s, %s, in %s\n", ui.Count(o.Sealed, "entry", "entries"), ui.Bytes(o.Bytes), took)
	for _, a := range o.Acts[:len(o.Acts)-1] {
		fmt.Fprintf(w, "%-8s item %s, leaf %s\n", a.Action, a.Item.Short(), a.Leaf)
	}
	if err := writeOdd(w, o.Odd); err != nil {
		return err
	}
	if o.Earlier > 0 {
		fmt.Fprintf(w, "known    %s with a content that was sealed here before\n", ui.Count(o.Earlier, "file", "files"))
	}
	fmt.Fprintf(w, "receipt  %s\n", receiptText(last, o.Receipt))
	t.term.Say("a label for the bag: custody label %s", o.Item.Short())
	return nil
}

func receiptText(a actLine, file string) string {
	switch {
	case a.Leaf == "":
		return "waits: " + ui.Clean(a.Pending)
	case a.Pending != "":
		return "pending: " + ui.Clean(a.Pending)
	case file != "":
		return ui.Name(file)
	}
	return "complete; --receipt FILE writes it"
}

// maxOdd is how many odd entries are listed for people; JSON lists all.
const maxOdd = 20

func writeOdd(w io.Writer, odd []oddLine) error {
	for i, o := range odd {
		if i == maxOdd {
			fmt.Fprintf(w, "note     %d more; --json lists them all\n", len(odd)-maxOdd)
			break
		}
		if _, err := fmt.Fprintf(w, "note     %s: %s\n", ui.Name(o.Path), ui.Name(o.Text)); err != nil {
			return err
		}
	}
	return nil
}

// oddText says in one sentence what is odd about an entry.
func oddText(v evidence.FileValue) string {
	text := map[evidence.FileKind]string{
		evidence.KindFile:       "",
		evidence.KindSymlink:    "a symbolic link to " + v.Target + "; recorded, not followed",
		evidence.KindDir:        "an empty folder",
		evidence.KindSpecial:    "a " + v.Special + "; recorded, not read",
		evidence.KindUnreadable: "could not be read: " + v.Reason,
		evidence.KindChanged:    "changed while it was read; sealed are the bytes that were read",
		evidence.KindVanished:   "was listed and gone when it was opened",
	}[v.Kind]
	if v.Kind == evidence.KindVanished && v.Reason != "" {
		text += " (" + v.Reason + ")"
	}
	if v.PathHex != "" {
		text = also(text, "its name is not UTF-8; the record has its bytes")
	}
	if v.Collides {
		text = also(text, "another name of the set differs in case or accents only")
	}
	return text
}

func also(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}
