package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// screen is a terminal over two buffers.
func screen(o Options) (t *Terminal, out, err *bytes.Buffer) {
	out, err = new(bytes.Buffer), new(bytes.Buffer)
	t = NewTerminal(Streams{In: strings.NewReader(""), Out: out, Err: err})
	t.Configure(o)
	return t, out, err
}

func TestProblemText(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"own words", &Problem{Code: CodeFailed, What: "item A is not what was sealed", Means: "the file changed", Do: []string{"keep it", "tell the custodian"}}, `
custody: error: item A is not what was sealed
custody: means: the file changed
custody: do:    keep it; tell the custodian
`},
		{"the catalogue fills in, and points to more", &Problem{Code: CodeNoPassphrase, What: "no passphrase"}, `
custody: error: no passphrase
custody: means: the key stays locked; nothing was signed or opened
custody: do:    run the command on a terminal; --passphrase-fd N; set CUSTODY_PASSPHRASE_COMMAND; custody help E-NO-PASSPHRASE
`},
		{"context around a problem is kept", fmt.Errorf("item 7: %w", NewProblem(CodeReadOnly, errors.New("EROFS"), "cannot write %s", "f")), `
custody: error: item 7: cannot write f: EROFS
custody: means: nothing was written there
custody: do:    choose a place that can be written
`},
		{"a problem cannot forge lines", &Problem{Code: CodeReadOnly, What: "file \x1b[2Ka\ncustody: error: b\u202e", Do: []string{"x\ny"}}, `
custody: error: file \x1b[2Ka; custody: error: b\u202e
custody: means: nothing was written there
custody: do:    x; y
`},
		{"joined errors are told one by one", errors.Join(
			&Problem{Code: CodeReadOnly, What: "one"}, fmt.Errorf("two: %w", fs.ErrExist)), `
custody: error: one
custody: means: nothing was written there
custody: do:    choose a place that can be written
custody: error: two: file already exists
custody: means: the file that is there was left as it is
custody: do:    choose another name; --force replaces it
`},
		{"an error with two causes is one sentence", fmt.Errorf("%w: %w", fs.ErrExist, errors.New("b")), `
custody: error: file already exists: b
custody: means: the file that is there was left as it is
custody: do:    choose another name; --force replaces it
`},
		{"shown", Shown(&Problem{Code: CodeReadOnly, What: "one"}), "\n"},
	} {
		term, out, err := screen(Options{})
		term.Exit(tt.err)
		if diff := cmp.Diff(tt.want[1:], err.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if out.Len() > 0 {
			t.Errorf("%s: standard output has %q", tt.name, out)
		}
	}
}

func TestProblemIsAnError(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}
	err := fmt.Errorf("reading: %w", NewProblem(CodeDamaged, cause, "bad file"))
	var p *Problem
	if !errors.As(err, &p) || p.Code != CodeDamaged {
		t.Fatalf("errors.As found %v", p)
	}
	if !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, ErrUndecided) || errors.Is(err, ErrUsage) {
		t.Error("errors.Is does not see cause and class")
	}
	if Explain(err) != p {
		t.Error("Explain made a new problem of one that was there")
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want Code
		what string
	}{
		{&fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}, CodeNotFound, "f: file does not exist"},
		{fmt.Errorf("the photograph: %w", &fs.PathError{Op: "lstat", Path: "f", Err: fs.ErrPermission}), CodePermission, "the photograph: f: permission denied"},
		{&fs.PathError{Op: "rename", Path: "f", Err: fs.ErrPermission}, CodePermission, "rename f: permission denied"},
		{fs.ErrExist, CodeExists, "file already exists"},
		{context.Canceled, CodeInterrupted, "interrupted"},
		{fmt.Errorf("flags: %w", ErrUsage), CodeUsage, "flags: " + ErrUsage.Error()},
		{errors.New("no idea"), CodeFailed, "no idea"},
	} {
		p := Explain(tt.err)
		if p.Code != tt.want || p.What != tt.what || !errors.Is(p, tt.err) {
			t.Errorf("%v: got %+v, want code %s: %s", tt.err, p, tt.want, tt.what)
		}
	}
}

var errClaimed = errors.New("claimed")

// An entry may claim sentinels of the packages below; an interrupt wins, and so
// does the problem that is there already.
func TestExplainClaimed(t *testing.T) {
	Register(Entry{Code: "E-TEST-CLAIM", Class: ErrUndecided, Title: "t", Means: "m", Do: []string{"d"}, For: []error{errClaimed}})
	t.Cleanup(func() {
		delete(catalogue.entries, "E-TEST-CLAIM")
		catalogue.order = catalogue.order[:len(catalogue.order)-1]
	})
	err := fmt.Errorf("item 7: %w", errClaimed)
	if p := Explain(err); p.Code != "E-TEST-CLAIM" || p.What != "item 7: claimed" || ExitCode(p) != ExitUndecided {
		t.Errorf("explained as %+v", p)
	}
	if term, _, _ := screen(Options{}); term.Exit(err) != ExitUndecided {
		t.Error("the process does not exit with the class of the entry")
	}
	if p := Explain(errors.Join(context.Canceled, err)); p.Code != CodeInterrupted {
		t.Errorf("interrupted, and explained as %s", p.Code)
	}
	if p := Explain(NewProblem(CodeFailed, err, "x")); p.Code != CodeFailed {
		t.Errorf("the problem of the verb became %s", p.Code)
	}
}

func TestProblemJSON(t *testing.T) {
	term, out, err := screen(Options{JSON: true})
	code := term.Exit(Shown(&Problem{Code: CodeDamaged, What: "x <\"&\x1b>", Do: []string{"a", "b"}}))
	want := `{"message_type":"exit_error","code":"E-DAMAGED","exit":11,"what":"x <\"&\\x1b>","means":"the file is not in the form it was written in, so nothing it says was checked","do":["a","b"]}` + "\n"
	if diff := cmp.Diff(want, err.String()); diff != "" || code != 11 || out.Len() > 0 {
		t.Errorf("exit %d, stdout %q, stderr (-want +got):\n%s", code, out, diff)
	}
}

func TestRegisterRefuses(t *testing.T) {
	good := Entry{Code: "E-TEST-ONE", Title: "t", Means: "m", Do: []string{"d"}}
	for name, change := range map[string]func(*Entry){
		"taken":         func(e *Entry) { e.Code = CodeUsage },
		"lower case":    func(e *Entry) { e.Code = "E-test" },
		"no prefix":     func(e *Entry) { e.Code = "TEST" },
		"prefix alone":  func(e *Entry) { e.Code = "E-" },
		"no title":      func(e *Entry) { e.Title = "" },
		"no means":      func(e *Entry) { e.Means = "" },
		"nothing to do": func(e *Entry) { e.Do = nil },
	} {
		e := good
		change(&e)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: registered", name)
				}
			}()
			Register(e)
		}()
	}
	if _, ok := Lookup(good.Code); ok {
		t.Error("a refused entry is in the catalogue")
	}
}

func TestCatalogue(t *testing.T) {
	entries := Entries()
	for i, e := range entries {
		if i > 0 && entries[i-1].Code >= e.Code {
			t.Errorf("%s is out of order", e.Code)
		}
		if got, ok := Lookup(Code(strings.ToLower(string(e.Code)))); !ok || got.Code != e.Code {
			t.Errorf("%s is not found in lower case", e.Code)
		}
		if strings.HasSuffix(e.Means, ".") || strings.ContainsRune(e.Means, '\n') {
			t.Errorf("%s: means is one sentence without full stop", e.Code)
		}
		for _, do := range e.Do {
			if strings.Contains(do, "support") {
				t.Errorf("%s: %q is no command and no person", e.Code, do)
			}
		}
	}
}
