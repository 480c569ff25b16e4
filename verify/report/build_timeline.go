package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// maxSteps is how many steps of custody a picture and its table show.
const maxSteps = 200

// gapCode returns the code of a gap of custody: what stands before the colon.
func gapCode(f verify.Finding) (string, bool) {
	if f.Check != gapCheck {
		return "", false
	}
	code, _, ok := strings.Cut(f.Detail, ":")
	return code, ok
}

// timeline shows who answered for an item, gaps among the steps. It is nil when
// there is nothing to show.
func (b *builder) timeline(v *verify.ItemVerdict) *Timeline {
	t := &Timeline{Title: b.text("timeline.picture"), Note: b.text("timeline.note"), Right: b.Direction == "rtl"}
	t.Table = Table{Caption: b.text("table.timeline"), Head: []string{
		b.text("table.event"), b.text("table.from-to"), b.text("table.lasted"), b.text("table.custodian"), b.text("table.how"),
	}}
	for _, s := range b.steps(v) {
		t.Steps = append(t.Steps, s.Step)
		t.Table.Rows = append(t.Table.Rows, s.row)
	}
	if len(t.Steps) == 0 {
		return nil
	}
	if more := len(t.Steps) - maxSteps; more > 0 {
		t.Steps, t.Table.Rows = t.Steps[:maxSteps], t.Table.Rows[:maxSteps]
		t.Table.More = b.text("count.more-rows", more)
	}
	return t
}

// placed is a step with the row of the table that says the same.
type placed struct {
	Step
	row []Cell
	seq int64
}

// steps are the spans of custody in order, and the gaps where they arise: what
// leaves an offer unanswered after it, the rest before the event at which it shows.
func (b *builder) steps(v *verify.ItemVerdict) []placed {
	var list []placed
	for _, s := range v.Timeline {
		p := b.span(s)
		p.row[len(p.row)-1].Below = b.late(v, s)
		list = append(list, p)
	}
	for n, g := range gaps(v) {
		code, _ := gapCode(g)
		at := slices.IndexFunc(list, func(p placed) bool {
			return p.Kind != gapKind && (p.seq > seqOf(g) || p.seq == seqOf(g) && code != "GAP-ONESIDED")
		})
		if at < 0 {
			at = len(list)
		}
		list = slices.Insert(list, at, b.gap(n+1, g))
	}
	return list
}

const gapKind = "gap"

// gaps are the findings that show a gap of custody.
func gaps(v *verify.ItemVerdict) []verify.Finding {
	var list []verify.Finding
	for _, q := range v.Questions {
		for _, f := range q.Findings {
			if q.N == 3 && f.Check == gapCheck && f.Status != verify.Holds {
				list = append(list, f)
			}
		}
	}
	return list
}

func seqOf(f verify.Finding) int64 {
	_, seq, _ := strings.Cut(f.Subject, "/")
	n, _ := strconv.ParseInt(seq, 10, 64)
	return n
}

func (b *builder) span(s verify.Span) placed {
	who, key := b.named("holder", s.Custodian), ""
	if len(s.Key) >= 12 {
		key = b.text("time.key", plain.Text(s.Key[:12]))
	}
	from, to, lasted := b.moment(s.From), b.moment(s.To), b.lasted(s.From, s.To)
	if s.To == "" {
		to = map[bool]string{true: "", false: b.text("time.now")}[s.Kind == string(evidence.SpanEnded)]
	}
	seq := strconv.FormatInt(s.FromSeq, 10)
	how, kind := b.or("span."+s.Kind, plain.Text(s.Kind)), s.Kind
	if !b.has("span." + kind) {
		kind = string(evidence.SpanUnknown) // to a picture, a kind of a later version
	}
	return placed{
		Step: Step{Kind: kind, From: from, Who: who, Key: key, How: how, Takes: lasted},
		row:  []Cell{{Text: seq}, {Text: from, Below: to}, {Text: lasted}, {Text: who, Below: key}, {Text: how}},
		seq:  s.FromSeq,
	}
}

// gap is a step of its own: nothing about it rests on a colour.
func (b *builder) gap(n int, f verify.Finding) placed {
	seq := seqOf(f)
	code, _ := gapCode(f)
	how := b.text("gap.label", number(n), b.or("gap."+code, plain.Text(code)))
	return placed{
		Step: Step{Kind: gapKind, How: how},
		row:  []Cell{{Text: strconv.FormatInt(seq, 10)}, {}, {}, {}, {Text: how}},
		seq:  seq,
	}
}

func (b *builder) moment(s string) string {
	if s == "" {
		return b.text("time.unknown")
	}
	return plain.Text(s)
}

// lasted says how long it is from one moment to another, or nothing when one of
// them is not known.
func (b *builder) lasted(from, to string) string {
	begin, err := time.Parse(time.RFC3339Nano, from)
	end, err2 := time.Parse(time.RFC3339Nano, to)
	if err != nil || err2 != nil {
		return ""
	}
	return b.duration(end.Sub(begin))
}

// duration writes the two largest units of a length of time.
func (b *builder) duration(d time.Duration) string {
	if d < time.Second {
		return b.text("time.moment")
	}
	var parts []string
	for _, u := range []struct {
		key string
		of  time.Duration
	}{{"time.days", 24 * time.Hour}, {"time.hours", time.Hour}, {"time.minutes", time.Minute}, {"time.seconds", time.Second}} {
		if n := d / u.of; n > 0 {
			parts = append(parts, b.text(u.key, int(n)))
		} else if len(parts) == 1 {
			break
		}
		d %= u.of
		if len(parts) == 2 {
			break
		}
	}
	return strings.Join(parts, " ")
}
