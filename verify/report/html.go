package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// Parts of the page.
var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string

	page = template.Must(template.New("page").Funcs(template.FuncMap{
		"class":   class,
		"drawing": drawing,
		"grouped": grouped,
		"style":   style,
		"wide":    func(t Table) bool { return len(t.Head) > 4 },
		"open":    func(number string) bool { return number == "5" || number == "6" },
	}).Parse(pageText))
)

// HTML writes the report as one page that needs nothing else: no script, no
// other file, no network, and a policy in it that forbids them. Facts and what
// holds unfold on demand and are printed in full. It returns the error of w
// alone.
func HTML(w io.Writer, v *verify.Verdict, o Options) error {
	return writePage(w, newBuilder(v, o).document(describePage))
}

func writePage(w io.Writer, d *Document) error {
	var buf bytes.Buffer
	if err := page.Execute(&buf, d); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// class names a result for the style sheet.
func class(s verify.Status) string {
	if s == verify.NotApplicable || s == "" {
		return "idle"
	}
	return string(s)
}

// style is the style sheet with what stands at the head of every printed page.
func style(running string) template.CSS {
	return template.CSS(strings.Replace(pageStyle, "RUNNING", plain.CSS(running), 1))
}
