package standard

import (
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence/rules"
)

// Change is one thing that differs between two packs, for people.
type Change struct {
	Kind  string `json:"kind"` // pack, field or rule
	Name  string `json:"name"` // which one; of the pack: which member
	What  string `json:"what"` // added, removed, or the member that changed
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
	About string `json:"about,omitempty"` // the rule's sentence, or the field's label
}

// Diff lists what the second pack changes: its head, its fields, its rules, with
// those that it includes.
func Diff(first, second *rules.Pack) []Change {
	out := compareAll(nil, "pack", "", "", head(first), head(second))
	a, b := fieldsOf(first), fieldsOf(second)
	out = append(out, sides("field", a, b, func(f part) string { return f.about })...)
	return append(out, sides("rule", rulesOf(first), rulesOf(second), func(r part) string { return r.about })...)
}

// part is one field or rule as members in words.
type part struct {
	about   string
	members map[string]string
}

// sides compares what two packs have under the same names.
func sides(kind string, a, b map[string]part, about func(part) string) (out []Change) {
	names := slices.Sorted(maps.Keys(a))
	for _, n := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[n]; !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		was, had := a[n]
		is, has := b[n]
		switch {
		case !had:
			out = append(out, Change{Kind: kind, Name: n, What: "added", About: about(is)})
		case !has:
			out = append(out, Change{Kind: kind, Name: n, What: "removed", About: about(was)})
		default:
			out = compareAll(out, kind, n, about(is), was.members, is.members)
		}
	}
	return out
}

// compareAll adds a change for each member that differs.
func compareAll(out []Change, kind, name, about string, a, b map[string]string) []Change {
	for _, m := range slices.Sorted(maps.Keys(b)) {
		if a[m] == b[m] {
			continue
		}
		c := Change{Kind: kind, Name: name, What: m, Old: a[m], New: b[m], About: about}
		if kind == "pack" {
			c.Name = m
			c.What = "changed"
		}
		out = append(out, c)
	}
	return out
}

func head(p *rules.Pack) map[string]string {
	in := p.InForce.From
	if p.InForce.To != "" {
		in += " to " + p.InForce.To
	}
	var inc []string
	for _, i := range p.Includes {
		inc = append(inc, string(i.Standard)+" sha256:"+i.SHA256.String())
	}
	return map[string]string{"title": p.Title, "about": p.About, "in force": in, "includes": strings.Join(inc, ", ")}
}

func rulesOf(p *rules.Pack) map[string]part {
	out := map[string]part{}
	for _, r := range p.AllRules() {
		var sources, at []string
		for _, s := range r.Source {
			sources = append(sources, s.String())
		}
		for _, a := range r.At {
			at = append(at, string(a))
		}
		out[r.ID] = part{r.Text, map[string]string{
			"severity": string(r.Severity), "when": r.When, "holds": r.Holds, "text": r.Text, "source": strings.Join(sources, "; "), "at": strings.Join(at, ", "),
		}}
	}
	return out
}

func fieldsOf(p *rules.Pack) map[string]part {
	out := map[string]part{}
	for _, f := range p.AllFields() {
		fieldPart(out, "", f)
	}
	return out
}

func fieldPart(out map[string]part, in string, f *rules.Field) {
	var codes []string
	for _, v := range f.Values {
		codes = append(codes, v.Code)
	}
	out[in+f.Name] = part{f.Label, map[string]string{
		"type": string(f.Type), "required": yes(f.Required), "list": yes(f.List), "personal": string(f.Personal), "values": strings.Join(codes, ", "),
		"label": f.Label, "help": f.Help,
	}}
	for i := range f.Fields {
		fieldPart(out, in+f.Name+".", &f.Fields[i])
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
