package trust

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const header = "custody-trust/v1"

// timeForm is RFC 3339 in UTC with whole seconds.
const timeForm = "2006-01-02T15:04:05Z"

// Text returns the list's one text, without signatures: the statements of
// spec/trust.md in the order of its table, within one kind in bytewise order of
// the line. It returns [ErrForm] for a list that contradicts itself or holds
// values outside their ranges.
func (l *List) Text() (string, error) {
	text := l.text()
	// Reading it again is the one check of ranges and form there is.
	if _, err := ParseText(text); err != nil {
		return "", err
	}
	return text, nil
}

func (l *List) text() string {
	b := new(strings.Builder)
	fmt.Fprintln(b, header)
	fmt.Fprintln(b, "version", l.Version)
	if l.Version == 1 && l.Previous == (Digest{}) {
		fmt.Fprintln(b, "previous none")
	} else {
		fmt.Fprintln(b, "previous", l.Version-1, l.Previous)
	}
	fmt.Fprintln(b, "issued", formatTime(l.Issued))
	fmt.Fprintln(b, "next-update", formatTime(l.NextUpdate))
	fmt.Fprintln(b, "signers", l.Signers)
	fmt.Fprintln(b, strings.Join(append([]string{"require"}, mapped(l.Require, strconv.Itoa)...), " "))
	fmt.Fprintln(b, "max-age", strconv.FormatInt(int64(l.MaxAge/time.Hour), 10)+"h")
	lines(b, l.States, State.line)
	lines(b, l.Logs, Log.line)
	lines(b, l.Retired, Retirement.line)
	for _, c := range []struct {
		kind string
		of   []Cosigner
	}{{"witness", l.Witnesses}, {"auditor", l.Auditors}} {
		lines(b, c.of, func(v Cosigner) string { return v.line(c.kind) })
	}
	lines(b, l.Authorities, Authority.line)
	lines(b, l.Compromised, Compromise.line)
	lines(b, l.TSAs, TSA.line)
	lines(b, l.Revoked, Revocation.line)
	lines(b, l.Policies, PolicyPin.line)
	lines(b, l.Standards, func(p Pin) string { return "standard " + p.Name + " " + p.Digest.String() })
	lines(b, l.Instruments, func(p Pin) string { return "instrument " + p.Name + " " + p.Digest.String() })
	return b.String()
}

// lines writes one line for each value, in bytewise order.
func lines[T any](b *strings.Builder, values []T, line func(T) string) {
	all := mapped(values, line)
	slices.Sort(all)
	for _, s := range all {
		b.WriteString(s)
		b.WriteByte('\n')
	}
}

func mapped[T any](values []T, f func(T) string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

func (s State) line() string { return "state " + s.Code + " key " + s.Key.String() }

func (l Log) line() string {
	return fmt.Sprintf("log %s state %s vkey %s from-size %d", l.Origin, l.State, l.Key, l.FromSize)
}

func (r Retirement) line() string {
	successor := r.Successor
	if successor == "" {
		successor = "none"
	}
	root := base64.StdEncoding.EncodeToString(r.Final.Root[:])
	return fmt.Sprintf("log-retired %s last %d %s successor %s", r.Final.Origin, r.Final.Size, root, successor)
}

func (c Cosigner) line(kind string) string {
	return fmt.Sprintf("%s %s state %s vkey %s from %s to %s", kind, c.Name, c.State, c.Key, formatTime(c.From), formatUntil(c.To))
}

func (a Authority) line() string {
	return fmt.Sprintf("authority %s %s from %s to %s", a.State, a.Digest, formatTime(a.From), formatUntil(a.To))
}

func (c Compromise) line() string {
	return fmt.Sprintf("authority-compromised %s %s good-until %s", c.State, c.Digest, c.GoodUntil)
}

func (a TSA) line() string {
	return fmt.Sprintf("tsa %s %s from %s to %s", a.State, a.Digest, formatTime(a.From), formatUntil(a.To))
}

func (r Revocation) line() string {
	return fmt.Sprintf("revoke %s reason %s good-until %s", r.Key, r.Reason, r.GoodUntil)
}

func (p PolicyPin) line() string {
	s := fmt.Sprintf("policy %s %s %s", p.Origin, p.Kind, p.Digest)
	if p.Kind == Court {
		s += " f " + strconv.Itoa(p.F)
	}
	return s
}

func formatTime(t time.Time) string { return t.UTC().Format(timeForm) }

func formatUntil(t time.Time) string {
	if t.IsZero() {
		return "open"
	}
	return formatTime(t)
}
