package intake

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const ufdrReport = "report.xml"

// ufdrEnds are the elements with which the metadata of a report is over and its
// contents begin, which may be gigabytes.
var ufdrEnds = map[string]bool{"taggedFiles": true, "decodedData": true, "images": true, "carvedFiles": true}

func readUFDR(in *Intake, f *file, _ *files) error {
	z, err := openZip(f)
	if err != nil {
		return err
	}
	m := z[ufdrReport]
	if m == nil {
		return badForm("it has no %s, or two", ufdrReport)
	}
	r, err := m.Open()
	if err != nil {
		return badForm("%s: %v", ufdrReport, err)
	}
	defer r.Close()
	values, err := ufdrMetadata(io.LimitReader(r, maxDocument))
	if err != nil {
		return err
	}
	in.keep(f, "ufdr", values)
	in.answer(f, "image-format", "ufdr")
	in.answer(f, "segments", int64(1))
	in.answer(f, "segment", []any{f.path})
	return nil
}

// ufdrMetadata reads the attributes of project and every named item before the
// contents begin.
func ufdrMetadata(r io.Reader) (map[string]string, error) {
	values, d := map[string]string{}, xml.NewDecoder(r)
	seen := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) || seen && err != nil {
			return values, nil // the rest is cut off by the limit
		}
		if err != nil {
			return nil, badForm("%s: %v", ufdrReport, err)
		}
		start, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "project":
			seen = true
			for _, a := range start.Attr {
				if !strings.HasPrefix(a.Name.Space+a.Name.Local, "xmlns") {
					values[a.Name.Local] = a.Value
				}
			}
		case !seen:
			return nil, badForm("%s is a <%s>", ufdrReport, clip(start.Name.Local))
		case ufdrEnds[start.Name.Local]:
			return values, nil
		case start.Name.Local == "item":
			var text string
			if d.DecodeElement(&text, &start) == nil {
				values[attribute(start, "name")] = strings.TrimSpace(text)
			}
		}
		if len(values) > maxKept {
			return values, nil
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
