package paper

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"example.org/custody/verify/report/plain"
)

// Parts of the page.
var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string

	page = template.Must(template.New("page").Funcs(template.FuncMap{"style": style, "under": under}).Parse(pageText))
)

// HTML writes the document as one page that needs nothing else: no script, no other
// file, no network, and a policy in it that forbids them. It returns the error of w
// alone.
func HTML(w io.Writer, d *Document) error {
	var b bytes.Buffer
	if err := page.Execute(&b, d); err != nil {
		return fmt.Errorf("page of the form %s: %w", d.Form.Name, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// JSON writes the document as schema/paper.schema.json has it, indented, with a line
// feed behind it.
func JSON(w io.Writer, d *Document) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// placed is fields with the document in whose words they are shown.
type placed struct {
	D      *Document
	Fields []Field
}

func under(d *Document, fields []Field) placed { return placed{d, fields} }

// style is the style sheet with what stands at the head of every printed page.
func style(running string) template.CSS {
	return template.CSS(strings.Replace(pageStyle, "RUNNING", plain.CSS(running), 1))
}
