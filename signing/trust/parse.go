package trust

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ParseText reads the text of a list, without signatures. It decodes, encodes
// again and compares, so there is one text for one list; anything else, and a
// list that contradicts itself, is [ErrForm].
func ParseText(text string) (*List, error) {
	if len(text) > MaxList {
		return nil, fmt.Errorf("list over 1 MiB: %w", ErrForm)
	}
	body, ok := strings.CutPrefix(text, header+"\n")
	if !ok || !strings.HasSuffix(text, "\n") {
		return nil, fmt.Errorf("no %q in the first line, or no line end: %w", header, ErrForm)
	}
	l := new(List)
	n := 1
	for line := range strings.Lines(body) {
		n++
		w := words{rest: strings.Split(strings.TrimSuffix(line, "\n"), " ")}
		if err := l.statement(&w); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := l.validate(); err != nil {
		return nil, err
	}
	if again := l.text(); again != text {
		return nil, fmt.Errorf("line %d is not where or how it must be: %w", differentLine(again, text), ErrForm)
	}
	return l, nil
}

// statement reads one line into l. Order and repetition are settled later, by
// comparing the whole text.
func (l *List) statement(w *words) error {
	switch kind := w.next(); kind {
	case "version":
		l.Version = int64(w.size())
	case "previous":
		l.Previous = w.previous()
	case "issued":
		l.Issued = w.time()
	case "next-update":
		l.NextUpdate = w.time()
	case "signers":
		l.Signers = w.count()
	case "require":
		l.Require = w.counts()
	case "max-age":
		l.MaxAge = w.hours()
	case "state":
		l.States = append(l.States, State{Code: w.state(), Key: w.after("key").vkey()})
	case "log":
		l.Logs = append(l.Logs, Log{Origin: w.origin(), State: w.after("state").state(), Key: w.after("vkey").vkey(), FromSize: w.after("from-size").size()})
	case "log-retired":
		l.Retired = append(l.Retired, w.retirement())
	case "witness":
		l.Witnesses = append(l.Witnesses, w.cosigner())
	case "auditor":
		l.Auditors = append(l.Auditors, w.cosigner())
	case "authority":
		l.Authorities = append(l.Authorities, Authority{State: w.state(), Digest: w.digest(), From: w.after("from").time(), To: w.after("to").until()})
	case "authority-compromised":
		l.Compromised = append(l.Compromised, Compromise{State: w.state(), Digest: w.digest(), GoodUntil: w.after("good-until").point()})
	case "tsa":
		l.TSAs = append(l.TSAs, TSA{State: w.state(), Digest: w.digest(), From: w.after("from").time(), To: w.after("to").until()})
	case "revoke":
		l.Revoked = append(l.Revoked, Revocation{Key: w.vkey(), Reason: w.after("reason").code(), GoodUntil: w.after("good-until").point()})
	case "policy":
		l.Policies = append(l.Policies, w.policy())
	case "standard":
		l.Standards = append(l.Standards, Pin{Name: w.pinName(), Digest: w.digest()})
	case "instrument":
		l.Instruments = append(l.Instruments, Pin{Name: w.pinName(), Digest: w.digest()})
	default:
		w.fail("statement %.40q", kind)
	}
	return w.end()
}

func (w *words) previous() Digest {
	if len(w.rest) == 1 {
		w.after("none")
		return Digest{}
	}
	w.size() // compared with the version when the text is written again
	return w.digest()
}

func (w *words) retirement() Retirement {
	var r Retirement
	r.Final.Origin = w.origin()
	r.Final.Size = w.after("last").size()
	r.Final.Root = w.root()
	if s := w.after("successor").next(); s != "none" {
		r.Successor = s
	}
	return r
}

func (w *words) cosigner() Cosigner {
	return Cosigner{
		Name: w.name(), State: w.after("state").state(), Key: w.after("vkey").vkey(),
		From: w.after("from").time(), To: w.after("to").until(),
	}
}

func (w *words) policy() PolicyPin {
	p := PolicyPin{Origin: w.origin(), Kind: PolicyKind(w.next()), Digest: w.digest()}
	switch p.Kind {
	case Court:
		p.F = w.after("f").count()
	case Receipt:
	default:
		w.fail("policy kind %.40q", p.Kind)
	}
	return p
}

func (w *words) counts() []int {
	var out []int
	for len(w.rest) > 0 && w.err == nil {
		out = append(out, w.count())
	}
	return out
}

func (w *words) hours() time.Duration {
	s := w.next()
	n, ok := strings.CutSuffix(s, "h")
	h := words{rest: []string{n}}
	hours := h.count()
	if !ok || h.err != nil || hours > maxAgeHours {
		w.fail("max-age %.40q", s)
	}
	return time.Duration(hours) * time.Hour
}

func differentLine(a, b string) int {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i + 1
		}
	}
	return min(len(x), len(y))
}

// words takes the words of one line in turn and remembers the first that was
// not what it had to be.
type words struct {
	rest []string
	err  error
}

func (w *words) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format+": %w", append(slices.Clone(args), ErrForm)...)
	}
}

// next takes the next word, or "" after the last.
func (w *words) next() string {
	if len(w.rest) == 0 {
		w.fail("line ends too early")
		return ""
	}
	s := w.rest[0]
	w.rest = w.rest[1:]
	return s
}

// after takes the next word, which must be the given one.
func (w *words) after(word string) *words {
	if s := w.next(); s != word {
		w.fail("%.40q where %q must stand", s, word)
	}
	return w
}

func (w *words) end() error {
	if len(w.rest) > 0 {
		w.fail("%d words too many", len(w.rest))
	}
	return w.err
}
