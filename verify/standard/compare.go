package standard

import "example.org/custody/evidence/rules"

// Comparison is what two packs say of one item, side by side.
type Comparison struct {
	First  rules.Name `json:"first"`
	Second rules.Name `json:"second"`
	Rows   []Row      `json:"rows"`
}

// Row is one rule in both: rules are the same when their ids are. A status is
// "" where that pack does not have the rule.
type Row struct {
	Differs bool         `json:"differs"`
	First   rules.Status `json:"first,omitempty"`
	Rule    string       `json:"rule"`
	Second  rules.Status `json:"second,omitempty"`
	Source  string       `json:"source"` // of the second pack's rule, else of the first's
	Text    string       `json:"text"`   // likewise
}

// Compare sets two judgements of one item side by side, in the order of the
// second, then what only the first has. first may be nil.
func Compare(first, second *Judgement) *Comparison {
	c := &Comparison{Second: second.Name, Rows: []Row{}}
	was := map[string]*Line{}
	if first != nil {
		c.First = first.Name
		for i := range first.Lines {
			was[first.Lines[i].Rule.ID] = &first.Lines[i]
		}
	}
	seen := map[string]bool{}
	for i := range second.Lines {
		l := &second.Lines[i]
		row := Row{Rule: l.Rule.ID, Second: l.Status, Text: l.Rule.Text, Source: l.Sources()}
		if old := was[l.Rule.ID]; old != nil {
			row.First = old.Status
		}
		row.Differs, seen[l.Rule.ID] = row.First != row.Second, true
		c.Rows = append(c.Rows, row)
	}
	if first == nil {
		return c
	}
	for i := range first.Lines {
		if l := &first.Lines[i]; !seen[l.Rule.ID] {
			c.Rows = append(c.Rows, Row{Rule: l.Rule.ID, First: l.Status, Differs: true, Text: l.Rule.Text, Source: l.Sources()})
		}
	}
	return c
}
