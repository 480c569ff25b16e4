package rules

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"example.org/custody/evidence"
)

// Unknown goes through every operator but those whose other side decides, never
// holds, and says why (rule P5).
func TestThreeValues(t *testing.T) {
	shown := map[string]any{
		"make": "Acme", "count": 3, "yes": true, "imei": []string{"490154203237518"}, "power-state": "on", "tool": []any{map[string]any{"version": "1"}},
		"begun": "2026-11-26T09:00:00Z", "ended": map[string]any{"from": "2026-11-26T08:30:00Z", "to": "2026-11-26T09:30:00Z"},
		"files": []evidence.FileValue{{Kind: evidence.KindDir, Path: "a/front.jpg"}},
	}
	for _, c := range []struct{ expr, held, want string }{
		{`f.make == 'Acme'`, "", "holds"},
		{`f.make == 'Acme'`, "make", "undecided withheld f.make"},
		{`f.make == 'Acme'`, "!make", "undecided withheld f.make"},
		{`has(f.make)`, "make", "holds"},
		{`has(f.make)`, "!make", "undecided withheld f.make"},
		{`has(f.other)`, "", "fails"},
		{`has(f.other)`, "make", "fails"},
		{`has(f.other)`, "!make", "undecided withheld f.other"},
		{`f.other == 'x'`, "", "undecided absent f.other"},
		{`!(f.other == 'x')`, "", "undecided absent f.other"},
		{`f.make == 'x' && f.yes`, "make", "undecided withheld f.make"},
		{`f.make == 'x' && f.count == 4`, "make", "fails"},
		{`f.count == 4 && f.make == 'x'`, "make", "fails"},
		{`f.make == 'x' || f.yes`, "make", "holds"},
		{`f.make == 'x' || f.count == 4`, "make", "undecided withheld f.make"},
		{`f.make == 'x' || f.other == 'x'`, "make", "undecided absent f.other; withheld f.make"},
		{`f.yes ? f.count == 3 : f.make == 'x'`, "make", "holds"},
		{`f.make == 'x' ? f.yes : true`, "make", "undecided withheld f.make"},
		{`f.imei.all(n, imei(n))`, "", "holds"},
		{`f.imei.all(n, imei(n))`, "imei", "undecided withheld f.imei"},
		{`f.imei.size() > 0`, "imei", "undecided withheld f.imei"},
		{`f.tool.exists(x, x.version == '1')`, "", "holds"},
		{`f.tool[1].version == '1'`, "", "undecided error "},
		{`has(f.authority)`, "", "fails"},
		{`has(f.authority.from)`, "", "fails"},
		{`has(f.authority.from)`, "!make", "undecided withheld f.authority"},
		{`before(f.authority.from, item.sealed)`, "", "undecided absent f.authority.from"},
		{`f.photo == 'x'`, "", "undecided absent f.photo"},
		{`before(f.begun, item.sealed)`, "", "holds"},
		{`before(item.sealed, f.begun)`, "", "fails"},
		{`before(f.begun, f.ended)`, "", "undecided uncertain f.begun and f.ended"},
		{`within(f.ended, item.sealed, duration('2h'))`, "", "holds"},
		{`within(f.ended, item.sealed, duration('1h'))`, "", "undecided uncertain f.ended and item.sealed"},
		{`within(f.ended, item.sealed, duration('10m'))`, "", "fails"},
		{`within(item.sealed, f.begun, duration('10h'))`, "", "fails"},
		{`overdue(f.begun)`, "", "holds"},
		{`overdue(later(item.sealed, duration('2h')))`, "", "undecided not-yet-due item.sealed and 2h0m0s"},
		{`!overdue(later(item.sealed, duration('2h'))) || has(f.make)`, "", "holds"},
		{`sealed('a/front.jpg')`, "", "holds"},
		{`sealed('b')`, "", "fails"},
		{`sealed('b')`, "file/1", "undecided withheld item.files"},
		{`sealed('b')`, "!file/1", "undecided withheld item.files"},
		{`item.files.size() == 1`, "file/1", "holds"},
		{`item.files.size() == 1`, "!make", "undecided withheld item.files"},
		{`item.files.all(x, x.kind == 'dir')`, "file/1", "undecided withheld item.files[0].kind"},
		{`events[0].action == 'collect' && events.size() == 1`, "", "holds"},
		{`has(events[0].reason)`, "", "fails"},
		{`has(events[0].to_kind)`, "!make", "fails"},
		{`has(events[0].reason)`, "!make", "undecided withheld events[0].reason"},
		{`within(events[0].occurred, events[0].logged, duration('1h'))`, "", "undecided not-shown events[0].logged"},
		{`item.rooted`, "", "undecided not-shown item.rooted"},
		{`continuous(['GAP-TIME'])`, "", "holds"},
		{`f.count + 9223372036854775807 > 0`, "", "undecided error "},
		{`f.count / 0 > 0`, "", "undecided error "},
		{`in_order(['a', 'c'], ['a', 'b', 'c'])`, "", "holds"},
		{`in_order(['c', 'a'], ['a', 'b', 'c'])`, "", "fails"},
		{`in_order(['x'], ['a'])`, "", "fails"},
		{`distinct(f.imei + f.imei)`, "", "fails"},
		{`sum([1, 2, f.count]) == 6`, "", "holds"},
		{`contains_word('a Fake passport', ['fake'])`, "", "holds"},
		{`contains_word('unfaked', ['fake'])`, "", "fails"},
		{`lasted(between(f.begun, item.sealed)) == duration('61m')`, "", "holds"},
		{`seconds(61) > duration('1m')`, "", "holds"},
	} {
		var held []string
		if c.held != "" {
			held = []string{c.held}
		}
		p := compileText(t, packWith(t, c.expr))
		got := decided(t, p, collected(viewOf(t, shown, held...)))
		if got != c.want && !(strings.HasSuffix(c.want, "error ") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s, holding %q back: %s, want %s", c.expr, c.held, got, c.want)
		}
	}
}

func decided(t testing.TB, p *Pack, in *Input) string {
	t.Helper()
	r, err := p.Evaluate(in)
	if err != nil {
		t.Fatal(err)
	}
	var why []string
	for _, w := range r.Results[0].Why {
		why = append(why, string(w.Cause)+" "+w.What)
	}
	return strings.TrimSuffix(fmt.Sprintf("%s %s", r.Results[0].Status, strings.Join(why, "; ")), " ")
}

// A value of another type than the field's is malformed, whatever reads it, and
// is listed.
func TestMalformed(t *testing.T) {
	for name, bad := range map[string]any{
		"make": 1, "count": "x", "yes": "true", "imei": "490154203237518", "power-state": "asleep", "begun": "yesterday",
		"tool": []any{map[string]any{"verison": "1"}}, "authority": map[string]any{"from": 1}, "photo": "",
	} {
		p := compileText(t, packWith(t, `has(f.`+ident(name)+`)`))
		r, err := p.Evaluate(collected(viewOf(t, map[string]any{name: bad})))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Fields) != 1 || r.Fields[0] != (Why{Malformed, name}) {
			t.Errorf("%s: %v", name, r.Fields)
		}
		if r.Results[0].Status != Holds {
			t.Errorf("%s: its name is there, and has says %s", name, r.Results[0].Status)
		}
	}
	p := compileText(t, packWith(t, `f.count == 3`))
	if got := decided(t, p, collected(viewOf(t, map[string]any{"count": "x"}))); got != "undecided malformed f.count" {
		t.Error(got)
	}
}

// Of a record of which nothing is known no rule holds.
func TestNothingKnown(t *testing.T) {
	for _, expr := range []string{`has(f.make)`, `f.imei.size() == 0`, `item.files.size() == 0`, `item.id != ''`, `now == now || has(f.make)`} {
		p := compileText(t, packWith(t, expr))
		if got := decided(t, p, &Input{}); !strings.HasPrefix(got, "undecided") {
			t.Errorf("%s: %s", expr, got)
		}
	}
}

// The same input gives the same bytes, run after run.
func TestDeterministic(t *testing.T) {
	p := compileText(t, packWith(t, `f.make == 'x' || f.other == 'x' || f.photo == 'y' || item.rooted || f.tool.exists(x, x.version == '2')`))
	in := collected(viewOf(t, map[string]any{"make": "Acme", "tool": []any{map[string]any{"version": "1"}}}, "make", "tool"))
	var first []byte
	for range 50 {
		r, err := p.Evaluate(in)
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(first, b) {
			t.Fatalf("%s\n%s", first, b)
		}
	}
}
