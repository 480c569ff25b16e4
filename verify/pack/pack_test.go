package pack_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// world is two states with an item that went from one to the other.
func world() (*verifytest.World, *verifytest.Officer, *verifytest.Item) {
	w := verifytest.New(verifytest.Config{})
	ann, bob := w.State("AA").Enrol(evidence.RoleCollector), w.State("BB").Enrol(evidence.RoleExaminer)
	item := ann.Collect(verifytest.Record{Fields: map[string]any{"case": "7 Js 12/26"}, Files: []verifytest.File{{Path: "a.txt", Content: []byte("a")}}})
	item.Offer(ann, bob)
	item.Accept(bob)
	return w, bob, item
}

func handed(testing.TB) *pack.Dossier {
	w, _, item := world()
	return w.Dossier(item)
}

func encode(t testing.TB, d *pack.Dossier) map[string][]byte {
	t.Helper()
	files, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, handed(t))
	if _, err := pack.Decode(good); err != nil {
		t.Fatal(err)
	}
	line := func(name string, n int) []byte { return bytes.SplitAfter(good[name], []byte("\n"))[n] }
	for _, c := range []struct {
		name, file string
		content    []byte // nil: the file is missing
		want       error
		says       string
	}{
		{"no items", pack.ItemsName, nil, pack.ErrForm, "missing"},
		{"no events", pack.EventsName, nil, pack.ErrForm, "missing"},
		{"no logs", pack.LogsName, nil, pack.ErrForm, "missing"},
		{"no notes", pack.NotesName, nil, pack.ErrForm, "missing"},
		{"no line end", pack.ItemsName, bytes.TrimSuffix(good[pack.ItemsName], []byte("\n")), pack.ErrForm, "no line end"},
		{"empty line", pack.ItemsName, append([]byte("\n"), good[pack.ItemsName]...), pack.ErrForm, "line 1"},
		{"item twice", pack.ItemsName, bytes.Repeat(good[pack.ItemsName], 2), pack.ErrForm, "named twice"},
		{"entry outside payload", pack.ItemsName, bytes.Replace(good[pack.ItemsName], []byte(`"payload":[]`), []byte(`"payload":[{"entry":"record/x","file":"file/1"}]`), 1), pack.ErrForm, "not below payload/"},
		{"entry twice", pack.ItemsName, bytes.Replace(good[pack.ItemsName], []byte(`"payload":[]`), []byte(`"payload":[{"entry":"payload/1","file":"file/1"},{"entry":"payload/1","file":"file/2"}]`), 1), pack.ErrForm, "named twice"},
		{"event twice", pack.EventsName, slices.Concat(line(pack.EventsName, 0), good[pack.EventsName]), pack.ErrForm, "out of order"},
		{"events out of order", pack.EventsName, slices.Concat(line(pack.EventsName, 1), line(pack.EventsName, 0)), pack.ErrForm, "out of order"},
		{"event without record", pack.EventsName, regexpCut(good[pack.EventsName], `"record":`, `,"salt"`), pack.ErrForm, "no record"},
		{"record in the receipt", pack.EventsName, intoReceipt(good[pack.EventsName]), pack.ErrForm, "what follows the record"},
		{"a member behind the record", pack.EventsName, bytes.Replace(good[pack.EventsName], []byte(`],"salt":`), []byte(`],"s":1,"salt":`), 1), pack.ErrForm, "what follows the record"},
		{"a member before the record", pack.EventsName, bytes.Replace(good[pack.EventsName], []byte(`,"record":`), []byte(`,"recf":1,"record":`), 1), pack.ErrForm, "unknown field"},
		{"record twice", pack.EventsName, bytes.Replace(good[pack.EventsName], []byte(`,"record":`), []byte(`,"record":[],"record":`), 1), pack.ErrForm, "what follows the record"},
		{"logs out of order", pack.LogsName, slices.Concat(line(pack.LogsName, 1), line(pack.LogsName, 0)), pack.ErrForm, "out of order"},
		{"notes out of order", pack.NotesName, slices.Concat(line(pack.NotesName, 1), line(pack.NotesName, 0)), pack.ErrForm, "out of order"},
		{"policy under another name", pack.PolicyName(evidence.Hash{1}), []byte("x"), pack.ErrForm, "content has SHA-256"},
		{"certificate under another name", pack.CertName(evidence.Hash{1}), []byte("x"), pack.ErrForm, "content has SHA-256"},
		{"list with a leading zero", "trust/list-01.note", []byte("x"), pack.ErrForm, "no file of a dossier"},
		{"list zero", "trust/list-0.note", []byte("x"), pack.ErrForm, "no file of a dossier"},
		{"file of no dossier", "record/x.jsonl", []byte("x"), pack.ErrForm, "no file of a dossier"},
		{"too many items", pack.ItemsName, bytes.Repeat([]byte("\n"), pack.MaxItems+1), pack.ErrLimit, "10001 lines, 10000 allowed"},
		{"too many events", pack.EventsName, bytes.Repeat([]byte("\n"), pack.MaxEvents+1), pack.ErrLimit, "10001 lines, 10000 allowed"},
		{"too many bytes", pack.LogsName, make([]byte, pack.MaxFile+1), pack.ErrLimit, "bytes"},
	} {
		files := maps.Clone(good)
		files[c.file] = c.content
		if c.content == nil {
			delete(files, c.file)
		}
		_, err := pack.Decode(files)
		var x *pack.FileError
		if !errors.Is(err, c.want) || !errors.As(err, &x) || x.Name != c.file || !strings.Contains(err.Error(), c.says) || !pack.Refused(err) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// intoReceipt moves the record of the first line that has a receipt into that.
func intoReceipt(b []byte) []byte {
	i := bytes.Index(b, []byte(`"},"record":`))
	j := i + bytes.Index(b[i:], []byte(`],"salt":`)) + 1
	return slices.Concat(b[:i], []byte(`"`), b[i+2:j], []byte(`}`), b[j:])
}

// regexpCut takes what begins with from, up to but not with to, out of every line.
func regexpCut(b []byte, from, to string) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		i := bytes.Index(line, []byte(from))
		j := bytes.LastIndex(line, []byte(to))
		out = append(append(out, line[:i]...), line[j+1:]...)
	}
	return out
}

// What was added in any order, and twice, gives one dossier; what is carried on
// from it proves the same.
func TestBuilder(t *testing.T) {
	w, _, item := world()
	want := encode(t, w.Dossier(item))
	d, err := pack.Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	var b pack.Builder
	for range 2 {
		if err := b.AddFrom(d, func(evidence.ItemID) bool { return true }); err != nil {
			t.Fatal(err)
		}
	}
	var provers []pack.Prover
	for _, l := range d.Logs {
		p, err := pack.Carried(d, l.Origin)
		if err != nil {
			t.Fatal(err)
		}
		provers = append(provers, p)
	}
	again, err := b.Build(t.Context(), d.Items, provers...)
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(t, again); !maps.EqualFunc(got, want, bytes.Equal) {
		for name := range want {
			if !bytes.Equal(got[name], want[name]) {
				t.Errorf("%s differs", name)
			}
		}
	}
	if v := verify.Dossier(again, w.Trust(), verify.Options{AsOf: w.Now}); v.Exit != verify.ExitHolds {
		t.Errorf("carried on: %s", v.Sentence)
	}
	if _, err := b.Build(t.Context(), d.Items, provers[0]); !errors.Is(err, pack.ErrNotProven) {
		t.Errorf("without one ledger: %v", err)
	}
	if _, err := pack.Carried(d, "log.other"); !errors.Is(err, pack.ErrNotProven) {
		t.Errorf("a ledger not carried: %v", err)
	}
	if _, err := provers[0].Inclusion(t.Context(), 1000); !errors.Is(err, pack.ErrNotProven) {
		t.Errorf("an index not carried: %v", err)
	}
	if _, err := provers[0].Closed(t.Context(), evidence.Seal{}); !errors.Is(err, pack.ErrNotProven) {
		t.Errorf("a seal not carried: %v", err)
	}
}

// An erased event is carried on as the leaf that it is.
func TestBuilderErased(t *testing.T) {
	w, bob, item := world()
	gone := item.Act(evidence.Examine, []*verifytest.Officer{bob}, verifytest.Record{})
	judge := w.State("BB").Enrol(evidence.RoleCourt)
	item.Act(evidence.Dispose, []*verifytest.Officer{bob, judge}, verifytest.Record{}, func(e *evidence.Event) {
		e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "order 1"}}
	})
	gone.Erased = true
	d := verifytest.Clone(w.Dossier(item))
	want := encode(t, d)
	b := pack.Builder{}
	if err := b.AddFrom(d, func(evidence.ItemID) bool { return true }); err != nil {
		t.Fatal(err)
	}
	var provers []pack.Prover
	for _, l := range d.Logs {
		p, err := pack.Carried(d, l.Origin)
		if err != nil {
			t.Fatal(err)
		}
		provers = append(provers, p)
	}
	again, err := b.Build(t.Context(), d.Items, provers...)
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(t, again); !bytes.Equal(got[pack.EventsName], want[pack.EventsName]) || !bytes.Equal(got[pack.LogsName], want[pack.LogsName]) {
		t.Error("carried on otherwise")
	}
	d.Log("log.BB.example/1").Closed = nil
	if err := new(pack.Builder).AddFrom(d, func(evidence.ItemID) bool { return true }); !errors.Is(err, pack.ErrNotProven) {
		t.Errorf("an erased event that no map shows: %v", err)
	}
}

// writing is a package of one item with copies.
func writing(t *testing.T) pack.Writing {
	t.Helper()
	w, bob, item := world()
	d := w.DossierWith([]*verifytest.Officer{bob}, item)
	e := pack.Enclosed{Entry: pack.PayloadName(1, 1, ".txt"), File: "file/1"}
	d.Items[0].Payload = append(d.Items[0].Payload, e)
	return pack.Writing{
		Dossier: d, Packed: w.Now, Signers: []evidence.Signer{bob.Signer()},
		Payload: []pack.Source{{Enclosed: e, Size: 1, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("a")), nil }}},
		Verdict: func(pack.Contents, time.Time) (io.WriterTo, error) { return strings.NewReader("{}"), nil },
		Sign: func(context.Context, string, []byte) (*signing.Envelope, error) {
			return &signing.Envelope{PayloadType: pack.StatementType, Payload: []byte("{}"), Signatures: []signing.Signature{{Sig: []byte{1}}}}, nil
		},
	}
}

func write(t *testing.T, in pack.Writing) ([]byte, error) {
	t.Helper()
	var buf file
	w, err := asic.NewWriter(&buf, asic.Options{Signatures: []string{asic.SignatureDSSE}})
	if err != nil {
		t.Fatal(err)
	}
	if err := pack.Write(t.Context(), w, in); err != nil {
		return buf, err
	}
	return buf, w.Close()
}

func TestWriteIsReproducible(t *testing.T) {
	first, err := write(t, writing(t))
	if err != nil {
		t.Fatal(err)
	}
	second, err := write(t, writing(t))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("written twice, the packages differ: %v", err)
	}
}

func TestWriteRefuses(t *testing.T) {
	empty, err := write(t, pack.Writing{Dossier: &pack.Dossier{Items: []pack.ItemLine{{Payload: []pack.Enclosed{{Entry: "payload/1/1", File: "file/1"}}}}}})
	if err == nil || !strings.Contains(err.Error(), "named and not given") {
		t.Errorf("a copy that is not given: %v", err)
	}
	before := len(empty)
	for name, change := range map[string]func(*pack.Writing){
		"is named by no item": func(in *pack.Writing) { in.Dossier.Items[0].Payload = nil },
		"given twice":         func(in *pack.Writing) { in.Payload = append(in.Payload, in.Payload[0]) },
		"were announced":      func(in *pack.Writing) { in.Payload[0].Size = 2 },
		"cannot be opened": func(in *pack.Writing) {
			in.Payload[0].Open = func() (io.ReadCloser, error) { return nil, errors.New("cannot be opened") }
		},
		"no verdict": func(in *pack.Writing) {
			in.Verdict = func(pack.Contents, time.Time) (io.WriterTo, error) { return nil, errors.New("no verdict") }
		},
		"signers": func(in *pack.Writing) { in.Signers = nil },
		"sign package": func(in *pack.Writing) {
			in.Sign = func(context.Context, string, []byte) (*signing.Envelope, error) { return nil, io.ErrClosedPipe }
		},
	} {
		in := writing(t)
		change(&in)
		b, err := write(t, in)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := pack.Open(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("%s: what was written until then is a package", name)
		}
		if strings.Contains(name, "named") && len(b) > before {
			t.Errorf("%s: %d bytes were written before", name, len(b))
		}
	}
}

// A register is read by spreadsheets, which would run a formula.
func TestRegistersHaveNoFormulas(t *testing.T) {
	w, _, item := world()
	for _, first := range "=+-@" {
		item.Events[0].Hide(func(e evidence.ViewEntry) *evidence.Withholding {
			return &evidence.Withholding{Withheld: evidence.Withheld{Authority: string(first) + "HYPERLINK(1)", Code: evidence.ReasonMethod, Review: "2027-01-01"}}
		})
		b := w.Dossier(item).Withheld()
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 3 || fmt.Sprint(rows[0]) != "[item seq name code authority review]" {
			t.Errorf("%d rows:\n%s", len(rows), b)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("a cell begins with %c: %s", cell[0], b)
				}
			}
		}
	}
}

func TestPayloadName(t *testing.T) {
	for ext, want := range map[string]string{
		".jpg": "payload/2/7.jpg", ".JPG": "payload/2/7.jpg", "": "payload/2/7", ".": "payload/2/7", "jpg": "payload/2/7", ".müller": "payload/2/7",
		".tar.gz": "payload/2/7", ".x/../y": "payload/2/7", ".abcdefghij": "payload/2/7.abcdefghij", ".abcdefghijk": "payload/2/7",
	} {
		if got := pack.PayloadName(2, 7, ext); got != want {
			t.Errorf("%q: %s, want %s", ext, got, want)
		}
	}
}

// file is a file in memory.
type file []byte

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(*f) {
		*f = append(*f, make([]byte, need-len(*f))...)
	}
	return copy((*f)[at:], p), nil
}
