package report

import (
	"maps"
	"strings"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// Page is a report in parts, for a page that shows it among other things. The
// parts are those of [HTML], word by word.
type Page struct {
	Title   string // plain text
	Main    string // HTML: from the answer to what is not proven
	Foot    string // HTML: the last lines
	Running string // the inside of a CSS string: the head of printed pages
}

// Parts makes the parts of a report as [HTML] would write them.
func Parts(v *verify.Verdict, o Options) (*Page, error) {
	d := newBuilder(v, o).document(describePage)
	p := &Page{Title: d.Title, Running: plain.CSS(d.Running)}
	if d.Lead.Mark.Word != "" {
		p.Title += ": " + d.Lead.Mark.Word
	}
	for name, into := range map[string]*string{"main": &p.Main, "foot": &p.Foot} {
		var b strings.Builder
		if err := page.ExecuteTemplate(&b, name, d); err != nil {
			return nil, err
		}
		*into = b.String()
	}
	return p, nil
}

// Style is the style sheet that [Page] is meant for. The head of printed pages
// is empty in it.
func Style() string { return string(style("")) }

// Words returns the messages of a group of the catalogue, by what follows the
// group's name, with their verbs: for a page that has words of its own. Plural
// messages are not among them.
func (l *Language) Words(group string) map[string]string {
	words := map[string]string{}
	for key, e := range maps.All(l.messages) {
		if name, ok := strings.CutPrefix(key, group+"."); ok && len(e) == 1 && e[""] != "" {
			words[name] = e[""]
		}
	}
	return words
}
