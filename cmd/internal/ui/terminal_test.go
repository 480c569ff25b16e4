package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// everything makes each kind of event once.
func everything(t *testing.T, term *Terminal) {
	t.Helper()
	term.Say("sealed %d files", 3)
	term.Warn("the clock is %s off", "2 s")
	term.events.status(Status{Stage: "hashing", File: "a\nb.jpg", BytesDone: 1 << 20, BytesTotal: 4 << 20, FilesDone: 1, FilesTotal: 3, Elapsed: 2 * time.Second})
	term.events.status(Status{Stage: "hashing", BytesTotal: -1, FilesTotal: -1})
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(term.Finding(Finding{Check: "clock", Status: Fails, Subject: "this desk", Detail: "the clock is 2 s off", Means: "times are off", Do: "set the clock", Spec: "event.md", Proof: map[string]int{"offset": 2}}))
	check(term.Finding(Finding{Check: "disk", Status: Holds, Detail: "4 GiB free"}))
	check(term.Emit("item", map[string]any{"item": "4f2a", "verb": "offer"}))
	check(term.Summary("list", struct {
		Count int `json:"count"`
	}{1}, func(w io.Writer) error {
		_, err := io.WriteString(w, "1 item\n")
		return err
	}))
	term.Exit(&Problem{Code: CodeReadOnly, What: "x"})
}

func TestTextStream(t *testing.T) {
	term, out, err := screen(Options{})
	everything(t, term)
	wantOut := `✗ FAILS  this desk:  the clock is 2 s off
    means: times are off
    do:    set the clock
✓ HOLDS  4 GiB free
1 item
`
	wantErr := `custody: sealed 3 files
custody: warning: the clock is 2 s off
custody: hashing: 1.0 MiB of 4.0 MiB (25 %), 1 of 3 files, 512.0 KiB/s, 6s left, a\nb.jpg
custody: hashing: 0 B
custody: error: x
custody: means: nothing was written there
custody: do:    choose a place that can be written
`
	if diff := cmp.Diff(wantOut, out.String()); diff != "" {
		t.Errorf("standard output (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantErr, err.String()); diff != "" {
		t.Errorf("standard error (-want +got):\n%s", diff)
	}
}

func TestJSONStream(t *testing.T) {
	term, out, err := screen(Options{JSON: true})
	everything(t, term)
	wantOut := `{"message_type":"finding","check":"clock","status":"fails","subject":"this desk","detail":"the clock is 2 s off","means":"times are off","do":"set the clock","spec":"event.md","proof":{"offset":2}}
{"message_type":"finding","check":"disk","status":"holds","detail":"4 GiB free"}
{"message_type":"item","item":"4f2a","verb":"offer"}
{"message_type":"summary","verb":"list","count":1}
`
	wantErr := `{"message_type":"note","text":"sealed 3 files"}
{"message_type":"warning","text":"the clock is 2 s off"}
{"message_type":"status","stage":"hashing","file":"a\nb.jpg","bytes_done":1048576,"bytes_total":4194304,"files_done":1,"files_total":3,"seconds":2,"seconds_left":6,"bytes_per_second":524288}
{"message_type":"status","stage":"hashing","bytes_done":0,"files_done":0,"seconds":0,"bytes_per_second":0}
{"message_type":"exit_error","code":"E-READ-ONLY","exit":1,"what":"x","means":"nothing was written there","do":["choose a place that can be written"]}
`
	if diff := cmp.Diff(wantOut, out.String()); diff != "" {
		t.Errorf("standard output (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantErr, err.String()); diff != "" {
		t.Errorf("standard error (-want +got):\n%s", diff)
	}
}

// The events of every command have one schema, and what is printed follows it.
func TestEventSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	term, out, errs := screen(Options{JSON: true})
	everything(t, term)
	for _, l := range strings.Split(strings.TrimSpace(out.String()+errs.String()), "\n") {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s\n%v", l, err)
		}
	}
	for _, bad := range []string{
		`{"message_type":"status"}`, `{"message_type":"exit_error","code":"x","exit":3,"what":"","means":"","do":[]}`,
		`{"message_type":"finding","check":"a","status":"passes","detail":""}`, `{}`,
	} {
		var v any
		json.Unmarshal([]byte(bad), &v)
		if schema.Validate(v) == nil {
			t.Errorf("the schema allows %s", bad)
		}
	}
}

func TestJSONLineRefuses(t *testing.T) {
	term, out, _ := screen(Options{JSON: true})
	for name, data := range map[string]any{
		"no object":    []int{1},
		"null":         nil,
		"message_type": map[string]int{"message_type": 1},
		"verb":         map[string]int{"verb": 1},
		"no JSON":      func() {},
	} {
		if err := term.Summary("v", data, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if out.Len() > 0 {
		t.Errorf("something was printed: %s", out)
	}
	if err := term.Summary("v", struct{}{}, nil); err != nil || out.String() != `{"message_type":"summary","verb":"v"}`+"\n" {
		t.Errorf("empty summary: %v, %q", err, out)
	}
}

func TestQuiet(t *testing.T) {
	term, out, err := screen(Options{Quiet: true})
	term.Say("nothing")
	term.Progress().Close()
	if err.Len() > 0 {
		t.Errorf("said %q", err)
	}
	term.Warn("w")
	term.Summary("v", nil, func(w io.Writer) error { _, err := fmt.Fprintln(w, "data"); return err })
	if err.String() != "custody: warning: w\n" || out.String() != "data\n" {
		t.Errorf("quiet silenced a warning or data: %q %q", err, out)
	}
}

func TestColor(t *testing.T) {
	for _, tt := range []struct {
		policy Color
		env    map[string]string
		want   bool
	}{
		{ColorAlways, map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{ColorNever, nil, false},
		{ColorAuto, nil, false}, // a buffer is no terminal
	} {
		out := new(bytes.Buffer)
		term := NewTerminal(Streams{Out: out, Err: out, Getenv: func(k string) string { return tt.env[k] }})
		term.Configure(Options{Color: tt.policy})
		term.Finding(Finding{Status: Undecided, Detail: "x"})
		term.Exit(&Problem{Code: CodeReadOnly, What: "x"})
		if got := strings.Contains(out.String(), "\x1b["); got != tt.want {
			t.Errorf("%s %v: colour is %v", tt.policy, tt.env, got)
		}
		if !strings.Contains(out.String(), "? UNDECIDED") {
			t.Errorf("the status is not said in a word and a sign: %q", out)
		}
	}
	if _, err := ParseColor("sometimes"); err == nil {
		t.Error("sometimes is a colour policy")
	}
	if c, err := ParseColor(""); c != ColorAuto || err != nil {
		t.Errorf("the empty policy is %q, %v", c, err)
	}
}

// failing fails at the first write.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestOutputError(t *testing.T) {
	errs := new(bytes.Buffer)
	term := NewTerminal(Streams{Out: failing{os.ErrClosed}, Err: errs})
	term.Out().Write([]byte("x"))
	if _, err := term.Out().Write([]byte("y")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the second write says %v", err)
	}
	if code := term.Exit(nil); code != ExitFailed || !strings.Contains(errs.String(), "cannot write standard output") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
