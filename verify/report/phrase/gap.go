package phrase

import (
	"strconv"
	"strings"
	"time"
)

// kind reads what stands in a gap, or returns nil when it may not stand there.
type kind func(m *matching, text string, deep int) *Said

// kinds are what may stand in a gap, by the name of the gap; filled by init because
// reading a gap leads to other gaps.
var kinds map[string]kind

func init() {
	kinds = map[string]kind{
		"error": raw, // words of another part of the program, which stand after a colon
		"time":  first(value(isTime), unknown),
		"act":   code("act.", ""), "itemstate": code("state.", ""), "check": title,
		"status": first(code("status.", ""), in("status")),
		"roles":  list("role", ", ", "roles"), "states": list("", ", ", "states"), "causes": list("cause", "; ", ""),
		"short": first(value(isShort), in("short")), "seals": first(in("seals"), value(any_)),
		"detail": first(in(DetailGroup), raw), "history": first(in("broken"), raw), "measure": first(in("measure"), value(isDigestName)),
	}
	for _, group := range []string{"signer", "role", "phase", "policy", "filekind", "derivation", "severity", "clock", "readers", "made", "endorsed", "caught", "refused", "refusal", "broken", "doubt", "difference", "decision"} {
		kinds[group] = in(group)
	}
	for _, group := range []string{"untimed", "uncounted", "unanchored", "unpoliced", "keyless", "unused", "unformed", "unrequested"} {
		kinds[group] = first(in(group), raw) // reasons, of which some are another program's
	}
	for test, names := range values {
		for name := range strings.FieldsSeq(names) {
			kinds[name] = value(tests[test])
		}
	}
}

// values are the gaps that hold a value, which is the same in every language.
var values = map[string]string{
	"hash":     "seal item leaf digest key root offer",
	"number":   "n index size leaves seq covered named held alone checked different entries quorum version question questions objects bytes some all count delivered shown",
	"date":     "date",
	"duration": "duration",
	"event":    "event",
	"place":    "place",
	"token":    "ledger state value standard channel stage deadline",
	"quoted":   "quoted",
	"gap":      "gap",
	"any":      "name text source rule files recipients recipient field subject",
}

var tests = map[string]func(string) bool{
	"hash": isHash, "number": isNumber, "date": isDate, "duration": isDuration, "event": isEvent,
	"place": isPlace, "token": isToken, "quoted": isQuoted, "gap": isGap, "any": any_,
}

func value(ok func(string) bool) kind {
	return func(_ *matching, text string, _ int) *Said {
		if !ok(text) {
			return nil
		}
		return &Said{Text: text}
	}
}

// raw takes any words, as English that is not translated.
func raw(_ *matching, text string, _ int) *Said { return &Said{Text: text, Raw: true} }

// in takes a phrase of a group.
func in(group string) kind {
	return func(m *matching, text string, deep int) *Said { return m.in(group, text, deep) }
}

// first takes what the first of several kinds takes.
func first(of ...kind) kind {
	return func(m *matching, text string, deep int) *Said {
		for _, k := range of {
			if s := k(m, text, deep); s != nil {
				return s
			}
		}
		return nil
	}
}

// code takes the code of something that the catalogue has a message for.
func code(prefix, suffix string) kind {
	return func(m *matching, text string, _ int) *Said {
		if !m.book.words[prefix+text+suffix] {
			return nil
		}
		return &Said{Key: prefix + text + suffix, Text: text}
	}
}

// unknown takes what a verdict writes for a moment that is not known.
func unknown(_ *matching, text string, _ int) *Said {
	if text != "unknown" {
		return nil
	}
	return &Said{Key: "time.unknown", Text: text}
}

// title takes the name of a check, which is shown as its title in quotation marks.
func title(m *matching, text string, deep int) *Said {
	s := code("check.", ".title")(m, text, deep)
	if s != nil {
		s.Quote = true
	}
	return s
}

// list takes one phrase or several of a group with something between them; of no
// group, tokens. whole is a group of phrases that stand for a list.
func list(group, between, whole string) kind {
	one := value(isListed)
	if group != "" {
		one = in(group)
	}
	return func(m *matching, text string, deep int) *Said {
		if s := m.in(whole, text, deep); s != nil {
			return s
		}
		all := &Said{Text: text, Join: between}
		for part := range strings.SplitSeq(text, between) {
			s := one(m, part, deep)
			if s == nil {
				return nil
			}
			all.List = append(all.List, s)
		}
		return all
	}
}

func any_(s string) bool { return s != "" }

func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}

func isHash(s string) bool  { return isHex(s, 64) }
func isShort(s string) bool { return isHex(s, 12) }

func isNumber(s string) bool { return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == "" }

func isTime(s string) bool { _, err := time.Parse(time.RFC3339Nano, s); return err == nil }

func isDate(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }

func isDuration(s string) bool { _, err := time.ParseDuration(s); return err == nil }

func isEvent(s string) bool {
	item, seq, ok := strings.Cut(s, "/")
	return ok && isHash(item) && isNumber(seq)
}

func isPlace(s string) bool {
	at := strings.LastIndexByte(s, '#')
	return at > 0 && isToken(s[:at]) && isNumber(s[at+1:])
}

func isToken(s string) bool { return s != "" && !strings.ContainsAny(s, " \t\n") }

func isListed(s string) bool { return isToken(s) && !strings.ContainsAny(s, ",;:") }

func isQuoted(s string) bool {
	_, err := strconv.Unquote(s)
	return err == nil && strings.HasPrefix(s, `"`)
}

func isGap(s string) bool { return strings.HasPrefix(s, "GAP-") && isToken(s) }

func isDigestName(s string) bool { return s == "SHA-256" || s == "SHA-512" }
