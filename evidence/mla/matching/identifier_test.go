package matching

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func sprint(format string, x any) string { return fmt.Sprintf(format, x) }

// Forms of identifiers (spec/matching.md, "Identifiers").
func TestForms(t *testing.T) {
	for _, c := range []struct {
		want string
		got  Identifier
		err  error
	}{
		form("ann<novak<<1980-02-29")(NewPerson("NOVÁK, Ann", "1980-02-29")),
		form("ann<novak<<1980-02-29")(NewPerson("Ann Novak", "1980-02-29")),
		form("cruz<de<jose<la<<1980-02-29")(NewPerson("José  de-la<Cruz", "1980-02-29")),
		form("strasse<<1980-02-29")(NewPerson("Straße", "1980-02-29")),
		form("istanbul<<1980-02-29")(NewPerson("İstanbul", "1980-02-29")),
		form("oconnor<<1980-02-29")(NewPerson("O’Connor", "1980-02-29")),
		form("احمد<<1980-02-29")(NewPerson("أَحمد", "1980-02-29")),
		form("XA<AB1234567")(NewDocument("xa", "ab 123-4567")),
		form("+3225551234")(NewPhone("+32 (2) 555-12-34")),
		form("+3225551234")(NewPhone("0032 2 555 12 34")),
		form("anne<marie<<1980-02-29")(NewPerson("Anne‐Marie", "1980-02-29")),
		form("+3225551234")(NewPhone("+32 (0)2 555.12/34")),
		form("xx12abcd")(NewAccount("XX12 ABCD")),
	} {
		if c.err != nil || c.got.Value != c.want {
			t.Errorf("%q, %v, want %q", c.got.Value, c.err, c.want)
		}
	}
}

// form pairs what is wanted with what a function returns.
func form(want string) func(Identifier, error) struct {
	want string
	got  Identifier
	err  error
} {
	return func(got Identifier, err error) struct {
		want string
		got  Identifier
		err  error
	} {
		return struct {
			want string
			got  Identifier
			err  error
		}{want, got, err}
	}
}

func TestNotForms(t *testing.T) {
	for name, err := range map[string]error{
		"no names":      second(NewPerson(" - ", "1980-02-29")),
		"no birth":      second(NewPerson("Ann Novak", "29.2.1980")),
		"no day":        second(NewPerson("Ann Novak", "1980-13-45")),
		"extension":     second(NewPhone("+32 2 555 12 34 ext. 7")),
		"no state":      second(NewDocument("", "123")),
		"long state":    second(NewDocument("ABCD", "123")),
		"no number":     second(NewDocument("XA", "--")),
		"national":      second(NewPhone("02 555 12 34")),
		"short":         second(NewPhone("+32 555")),
		"empty account": second(NewAccount("…")),
		"too long":      second(NewAccount(strings.Repeat("a", maxValue+1))),
	} {
		if !errors.Is(err, ErrIdentifier) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ Identifier, err error) error { return err }

// A form is its own form: what is in it stays as it is, whatever case, marks or order of
// names it came with.
func TestFormsAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[\pL\pM]{1,12}`), 1, 4).Draw(t, "names")
		one, err := NewPerson(strings.Join(words, " "), "1980-02-29")
		if err != nil {
			return // nothing but marks
		}
		names, _, _ := strings.Cut(one.Value, "<<")
		for _, again := range []string{names, strings.ToUpper(names)} {
			two, err := NewPerson(again, "1980-02-29")
			if err != nil || again == names && two != one {
				t.Fatalf("%q became %q, %v", again, two.Value, err)
			}
		}
	})
}
