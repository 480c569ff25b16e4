package rules

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Names of functions that only macros call: they take a variable besides.
const (
	fnOverdue    = "@overdue"
	fnSealed     = "@sealed"
	fnDigestOf   = "@digest_of"
	fnContinuous = "@continuous"
	fnSameDigest = "@same_digest"
	fnSizeOf     = "@size_of"
)

// functions declares the functions of spec/standards.md, "Functions". All are
// strict: CEL answers unknown for them when an argument is.
func functions() []cel.EnvOption {
	str, boolean, dur := cel.StringType, cel.BoolType, cel.DurationType
	strs, item := cel.ListType(str), cel.ObjectType(typeItem)
	return []cel.EnvOption{
		fn("before", boolean, moments(moment.before), celTime, celTime),
		fn("not_before", boolean, moments(moment.notBefore), celTime, celTime),
		fn("not_after", boolean, moments(moment.notAfter), celTime, celTime),
		fn("covers", boolean, moments(covers), celTime, celTime),
		fn("within", boolean, within, celTime, celTime, dur),
		fn("between", celTime, moments(between), celTime, celTime),
		fn("later", celTime, later, celTime, dur),
		fn("lasted", dur, lasted, celTime),
		fn(fnOverdue, boolean, moments(overdue), celTime, celTime),
		fn("imei", boolean, onText(imei), str),
		fn("iccid", boolean, onText(iccid), str),
		fn("luhn", boolean, onText(luhn), str),
		fn("strong", boolean, onText(strong), str),
		fn("personal", boolean, onText(func(s string) bool { return Identifies(s) != "" }), str),
		fn("mrz", boolean, onTexts(mrz), strs),
		fn("distinct", boolean, distinct, cel.ListType(cel.TypeParamType("T"))),
		fn("sum", cel.IntType, sum, cel.ListType(cel.IntType)),
		fn("contains_word", boolean, containsWord, str, strs),
		fn(fnSealed, boolean, itemSealed, item, str),
		fn(fnDigestOf, str, itemDigest, item, str),
		fn(fnContinuous, boolean, itemContinuous, item, strs),
		fn(fnSizeOf, cel.IntType, itemSize, item, str),
		fn("seconds", dur, seconds, cel.IntType),
		fn(fnSameDigest, boolean, itemSameDigest, item, str, str),
		fn("in_order", boolean, inOrder, strs, strs),
		fn("contiguous", boolean, contiguous, cel.ListType(celTime), dur),
	}
}

func fn(name string, result *cel.Type, do func(...ref.Val) ref.Val, args ...*cel.Type) cel.EnvOption {
	return cel.Function(name, cel.Overload(strings.TrimPrefix(name, "@")+"_custody", args, result, cel.FunctionBinding(do)))
}

func moments(do func(a, b moment) ref.Val) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val { return do(args[0].(moment), args[1].(moment)) }
}

func onText(do func(string) bool) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val { return types.Bool(do(string(args[0].(types.String)))) }
}

func onTexts(do func([]string) bool) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val {
		list, other := textsOf(args[0])
		if other != nil {
			return other
		}
		return types.Bool(do(list))
	}
}

// textsOf returns the members of a list of texts, or the first one that is none
// because it is unknown.
func textsOf(v ref.Val) ([]string, ref.Val) {
	var out []string
	l := v.(traits.Lister)
	for i := range int(l.Size().(types.Int)) {
		s, ok := l.Get(types.Int(i)).(types.String)
		if !ok {
			return nil, l.Get(types.Int(i))
		}
		out = append(out, string(s))
	}
	return out, nil
}

func covers(outer, inner moment) ref.Val {
	a, b := inner.notBefore(outer), inner.notAfter(outer)
	switch {
	case a == types.False || b == types.False:
		return types.False
	case a == types.True:
		return b
	}
	return a
}

func within(args ...ref.Val) ref.Val {
	return args[0].(moment).within(args[1].(moment), args[2].(types.Duration).Duration)
}

func between(a, b moment) ref.Val {
	if b.To.Before(a.From) {
		return types.NewErr("%s ends before %s begins", b.path, a.path)
	}
	return moment{Interval{a.From, b.To}, a.path + " to " + b.path}
}

func later(args ...ref.Val) ref.Val {
	a, d := args[0].(moment), args[1].(types.Duration)
	return moment{Interval{a.From.Add(d.Duration), a.To.Add(d.Duration)}, a.path + " and " + d.String()}
}

func lasted(args ...ref.Val) ref.Val {
	a := args[0].(moment)
	return types.Duration{Duration: a.To.Sub(a.From)}
}

func seconds(args ...ref.Val) ref.Val {
	n := int64(args[0].(types.Int))
	if n < -maxSeconds || n > maxSeconds {
		return types.NewErr("%d seconds are too many", n)
	}
	return types.Duration{Duration: time.Duration(n) * time.Second}
}

// maxSeconds is 100 years.
const maxSeconds = 100 * 366 * 24 * 3600

func overdue(now, due moment) ref.Val {
	if now.From.After(due.To) {
		return types.True
	}
	return unknown(NotYetDue, due.path)
}

// strong reports whether a digest's algorithm still counts (rule H-1 of the
// sources: SHA-2 of 256 bits or more, SHA-3).
func strong(digest string) bool {
	algorithm, hex, ok := strings.Cut(digest, ":")
	bits, known := map[string]int{"sha256": 256, "sha384": 384, "sha512": 512, "sha3-256": 256, "sha3-384": 384, "sha3-512": 512}[algorithm]
	return ok && known && len(hex) == bits/4
}

func distinct(args ...ref.Val) ref.Val {
	l := args[0].(traits.Lister)
	seen := map[any]bool{}
	for i := range int(l.Size().(types.Int)) {
		v := l.Get(types.Int(i))
		if types.IsUnknownOrError(v) {
			return v
		}
		switch v.(type) {
		case types.String, types.Int, types.Bool:
		default:
			return types.NewErr("distinct is for texts and numbers")
		}
		if seen[v.Value()] {
			return types.False
		}
		seen[v.Value()] = true
	}
	return types.True
}

func sum(args ...ref.Val) ref.Val {
	l := args[0].(traits.Lister)
	var total ref.Val = types.Int(0)
	for i := range int(l.Size().(types.Int)) {
		v := l.Get(types.Int(i))
		if types.IsUnknownOrError(v) {
			return v
		}
		if total = total.(types.Int).Add(v); types.IsError(total) {
			return total
		}
	}
	return total
}

func inOrder(args ...ref.Val) ref.Val {
	list, other := textsOf(args[0])
	order, second := textsOf(args[1])
	switch {
	case other != nil:
		return other
	case second != nil:
		return second
	}
	last := 0
	for _, s := range list {
		at := slices.Index(order, s)
		if at < last {
			return types.False
		}
		last = at
	}
	return types.True
}

// contiguous: each begins when the one before it had begun, and no more than d
// after it ended.
func contiguous(args ...ref.Val) ref.Val {
	l, d := args[0].(traits.Lister), args[1].(types.Duration).Duration
	var answer ref.Val = types.True
	for i := 1; i < int(l.Size().(types.Int)); i++ {
		a, b := l.Get(types.Int(i-1)), l.Get(types.Int(i))
		one, ok := a.(moment)
		two, ok2 := b.(moment)
		switch {
		case !ok:
			answer = a
		case !ok2:
			answer = b
		case two.From.Before(one.From) || two.From.Sub(one.To) > d:
			return types.False
		}
	}
	return answer
}

func containsWord(args ...ref.Val) ref.Val {
	words, other := textsOf(args[1])
	if other != nil {
		return other
	}
	in := wordsOf(string(args[0].(types.String)))
	for _, w := range words {
		if in[strings.ToLower(w)] {
			return types.True
		}
	}
	return types.False
}

// wordsOf returns the words of a text in lower case.
func wordsOf(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range wordList(s) {
		out[w] = true
	}
	return out
}

// wordList returns the words of a text in order, in lower case.
func wordList(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
