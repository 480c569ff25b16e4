package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		name string
		v    any
		want string // "" when v has no canonical form
	}{
		{"sorted members", struct {
			B int    `json:"b"`
			A string `json:"a"`
		}{1, "<&>\u2028"}, "{\"a\":\"<&>\u2028\",\"b\":1}"},
		{"UTF-16 order", map[string]int{"\ufb33": 2, "\U0001f600": 1}, "{\"\U0001f600\":1,\"\ufb33\":2}"},
		{"largest integers", []int64{MaxInteger, -MaxInteger}, "[9007199254740991,-9007199254740991]"},
		{"whole float", 5.0, "5"},
		{"escapes", "\x00\x1f\x7f\"\\\b\f\n\r\t/", `"\u0000\u001f` + "\x7f" + `\"\\\b\f\n\r\t/"`},
		{"text that looks like an escape", `\ufffd`, `"\\ufffd"`},
		{"replacement character itself", "\ufffd\u2028", "\"\ufffd\u2028\""},
		{"raw, badly written", json.RawMessage(`{ "b":1e0, "a":"\u0041"}`), ""},
		{"raw, white space and order", json.RawMessage(`{ "b":1, "a":"\u0041"}`), `{"a":"A","b":1}`},
		{"null", nil, ""},
		{"null inside", map[string]any{"a": []any{nil}}, ""},
		{"fraction", 0.5, ""},
		{"too large", int64(MaxInteger + 1), ""},
		{"too large, members out of order", struct{ B, A int64 }{MaxInteger + 2, 0}, ""},
		{"not UTF-8", "a\xff", ""},
		{"not UTF-8 in a name", map[string]int{"a\xff": 1}, ""},
		{"member twice", json.RawMessage(`{"a":1,"a":2}`), ""},
		{"too deep", json.RawMessage(strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)), ""},
		{"not JSON", math.Inf(1), ""},
	} {
		b, err := Canonical(c.v)
		if c.want == "" && err == nil || c.want != "" && string(b) != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.name, b, err, c.want)
		}
	}
}

func TestParseCanonical(t *testing.T) {
	type inner struct {
		List []string `json:"list"`
	}
	type outer struct {
		In  *inner `json:"in,omitempty"`
		N   int    `json:"n"`
		Opt string `json:"opt,omitempty"`
	}
	for in, ok := range map[string]bool{
		`{"n":0}`:                        true,
		`{"in":{"list":[]},"n":1}`:       true,
		`{}`:                             false, // missing
		`{"n":0,"opt":""}`:               false, // absent, never empty
		`{"N":0}`:                        false, // misspelt
		`{"n":0,"o":1}`:                  false, // unknown
		`{"n":"0"}`:                      false, // another type
		`{"in":null,"n":0}`:              false,
		`{"in":{"list":null},"n":0}`:     false,
		`{"n":0} `:                       false,
		"\xef\xbb\xbf" + `{"n":0}`:       false, // byte order mark
		`{"n":00}`:                       false,
		`{"n":+1}`:                       false,
		`{"n":9007199254740992}`:         false,
		`{"n":0,"opt":"\/"}`:             false,
		`{"n":0,"opt":"\u000A"}`:         false, // \n
		`{"n":0,"opt":"\u001F"}`:         false, // lower-case digits
		`{"n":0,"opt":"\u001f"}`:         true,
		`{"n":0,"opt":"` + "\n" + `"}`:   false,
		`{"n":0,"opt":"\ud800"}`:         false,
		`{"n":0,"opt":"` + "\xff" + `"}`: false,
		`{"n":0`:                         false,
		``:                               false,
	} {
		var v outer
		if err := ParseCanonical([]byte(in), &v); (err == nil) != ok || err != nil && !errors.Is(err, ErrNotCanonical) {
			t.Errorf("%q: %v", in, err)
		}
	}
	var v any
	if err := ParseCanonical([]byte(`{"a":[9007199254740991,true,"x"]}`), &v); err != nil {
		t.Fatal(err)
	}
	if n := v.(map[string]any)["a"].([]any)[0]; n != int64(MaxInteger) {
		t.Errorf("number is %v (%T)", n, n)
	}
	if err := ParseCanonical(bytes.Repeat([]byte(" "), MaxCanonical+1), &v); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("too long: %v", err)
	}
}

// notOurs finds what RFC 8785 allows and our formats do not.
var notOurs = regexp.MustCompile(`null|\d[.e]|\d{16}`)

// FuzzCheckCanonical compares the scanner with the library's transformation.
func FuzzCheckCanonical(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2,{"b":"\n\u001f\"é"}],"é":true,"😀":false}`, `0`, `-0`, `""`, `[]`, `{}`, `[1,]`, `{"b":1,"a":2}`,
		"{\"\U0001f600\":1,\"\ufb33\":2}", "{\"\ufb33\":1,\"\U0001f600\":2}", `"\u0041"`, `"\`, `"\u00`, `1.5`, `1e400`, `{"a":1,"a":1}`,
		`9007199254740993`, `"\u001F"`, `"\u001f"`, `"\u0009"`, `"\u0020"`, `{"\n":1,"\u000b":2}`, `{"\u000b":1,"\n":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		err := checkCanonical(b)
		again, jcsErr := jcs.Transform(b)
		same := jcsErr == nil && bytes.Equal(b, again)
		if err == nil && !same {
			t.Errorf("%q is accepted; the library says %q, %v", b, again, jcsErr)
		}
		if err != nil && same && !notOurs.Match(b) && bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) <= MaxDepth {
			t.Errorf("%q is refused: %v", b, err)
		}
		if err == nil {
			var v any
			if err := ParseCanonical(b, &v); err != nil {
				t.Fatalf("%q: %v", b, err)
			}
			if out, err := Canonical(v); err != nil || !bytes.Equal(out, b) {
				t.Errorf("%q encodes as %q, %v", b, out, err)
			}
		}
	})
}

// anyValue draws JSON values that have a canonical form.
func anyValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Int64Range(-MaxInteger, MaxInteger).AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	return rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "list")
		case 1:
			return rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 4).Draw(t, "object")
		}
		return rapid.OneOf(scalars...).Draw(t, "scalar")
	})
}

// What is encoded is the library's form and decodes to what encodes the same.
func TestCanonicalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(3).Draw(t, "value")
		b, err := Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := jcs.Transform(b); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q: library: %q, %v", b, again, err)
		}
		var back any
		if err := ParseCanonical(b, &back); err != nil {
			t.Fatal(err)
		}
		if out, err := Canonical(back); err != nil || !bytes.Equal(out, b) {
			t.Fatalf("%q: again: %q, %v", b, out, err)
		}
	})
}

// IsCanonical holds for the one form, of a type whose members are in order.
func TestIsCanonical(t *testing.T) {
	type pair struct {
		A int    `json:"a"`
		B string `json:"b"`
	}
	v := pair{1, "<x>\n"}
	b, err := Canonical(v)
	if err != nil || !IsCanonical(v, b) {
		t.Errorf("%s: %v", b, err)
	}
	for _, other := range []string{``, `{"a":1,"b":"<x>\n"} `, `{"a":1,"b":"<x>\n"}` + "\n", `{"a":2,"b":"<x>\n"}`, `{"b":"<x>\n","a":1}`, `{"a":1,"b":"\u003cx>\n"}`} {
		if IsCanonical(v, []byte(other)) {
			t.Errorf("%q", other)
		}
	}
	if text := "\u2028"; IsCanonical(text, []byte(`"\u2028"`)) { // as encoding/json writes it
		t.Error("an escape that is not canonical")
	}
	if IsCanonical(make(chan int), nil) {
		t.Error("of what has no form")
	}
}

// Of a large document an unknown member is refused as of a small one.
func TestParseCanonicalLarge(t *testing.T) {
	type one struct {
		A string `json:"a"`
	}
	long := strings.Repeat("x", 2<<20)
	var v one
	if err := ParseCanonical([]byte(`{"a":"`+long+`"}`), &v); err != nil || v.A != long {
		t.Error(err)
	}
	for _, text := range []string{`{"a":"` + long + `","b":1}`, `{"A":"` + long + `"}`, `{}` + long} {
		if err := ParseCanonical([]byte(text), new(one)); !errors.Is(err, ErrNotCanonical) {
			t.Errorf("%.20s…: %v", text, err)
		}
	}
}
