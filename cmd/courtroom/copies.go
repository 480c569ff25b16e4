package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// errChanged reports a copy whose bytes are no longer those that were verified.
var errChanged = errors.New("the copy is not what was sealed")

// A copy is one evidence copy whose content tree holds: nothing else of the
// evidence is ever shown or handed out.
type copyFacts struct {
	Item string `json:"item"` // anchor of the item in the report
	File string `json:"file"` // number of the file in the record
	Name string `json:"name"` // its last part, as recorded
	Size int64  `json:"size"`
	Kind string `json:"kind"` // image, text, table, or "" for what is only saved
	Type string `json:"type"` // media type of an image

	where  pack.Enclosed
	stated evidence.Digests
}

// copies lists the copies that the verdict found to be what was sealed.
func (h *hearing) copies() []copyFacts {
	var list []copyFacts
	if h.pack == nil {
		return nil
	}
	for n, line := range h.pack.Dossier.Items {
		recorded := h.recorded(line.Item)
		proven := h.proven(line.Item)
		for _, e := range line.Payload {
			f, ok := recorded[e.File]
			if !ok || !proven[e.File] || f.Digests == nil {
				continue
			}
			kind, media := kindOf(f.Path)
			list = append(list, copyFacts{
				Item: fmt.Sprintf("item-%d", n+1), File: strings.TrimPrefix(e.File, "file/"), Name: path.Base(f.Path),
				Size: f.Digests.Size, Kind: kind, Type: media, where: e, stated: *f.Digests,
			})
		}
	}
	return list
}

// proven names the files of an item whose content tree holds, and of which
// nothing fails.
func (h *hearing) proven(item evidence.ItemID) map[string]bool {
	held := map[string]bool{}
	for _, v := range h.verdict.Items {
		if v.Item != item {
			continue
		}
		for _, f := range v.Questions[0].Findings {
			if f.Check == "content.tree" && f.Status == verify.Holds {
				held[f.Subject] = true
			}
		}
		for _, f := range v.Questions[0].Findings {
			if f.Status == verify.Fails {
				delete(held, f.Subject)
			}
		}
	}
	return held
}

// recorded reads the file entries of the record that an item was sealed with.
func (h *hearing) recorded(item evidence.ItemID) map[string]evidence.FileValue {
	files := map[string]evidence.FileValue{}
	for i := range h.pack.Dossier.Events {
		e := &h.pack.Dossier.Events[i]
		id, seq, err := e.Place()
		if err != nil || id != item || seq != 0 || e.Record == nil {
			continue
		}
		for n, entry := range e.Record.Files() {
			if f, err := evidence.ParseFileValue(entry.Value); entry.Form == evidence.Shown && err == nil {
				files[evidence.FileName(n)] = f
			}
		}
	}
	return files
}

// kindOf says how a copy may be shown. Only forms that run no code are.
func kindOf(name string) (kind, media string) {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".png", ".gif", ".webp":
		return "image", "image/" + ext[1:]
	case ".jpg", ".jpeg":
		return "image", "image/jpeg"
	case ".txt", ".log", ".md", ".json", ".xml", ".eml":
		return "text", ""
	case ".csv", ".tsv":
		return "table", ""
	}
	return "", ""
}

// check reads a copy again and compares it with the record: what is shown is what
// was verified, though the file on disk may have changed since. It returns where
// in the package the copy is.
func (h *hearing) check(ctx context.Context, c copyFacts, done func(int)) (at, size int64, err error) {
	s, err := h.section(c.where)
	if err != nil {
		return 0, 0, err
	}
	tree, _, err := h.hash(ctx, s, done)
	if err != nil {
		return 0, 0, err
	}
	if s.Size() != c.stated.Size || tree != c.stated.Tree {
		return 0, 0, errChanged
	}
	at = offset(s)
	return at, s.Size(), nil
}

// section is where a copy is in the package.
func (h *hearing) section(e pack.Enclosed) (*io.SectionReader, error) {
	if e.Member == "" {
		return h.pack.Section(e.Entry)
	}
	bag, err := h.pack.Bag(e.Entry)
	if err != nil {
		return nil, err
	}
	r, err := bag.Open(e.Member)
	if err != nil {
		return nil, err
	}
	return r.Section(), nil
}

// offset returns where in the file a section begins: sections lie in sections.
func offset(s *io.SectionReader) int64 {
	r, at, _ := s.Outer()
	for {
		inner, ok := r.(*io.SectionReader)
		if !ok {
			return at
		}
		var n int64
		r, n, _ = inner.Outer()
		at += n
	}
}
