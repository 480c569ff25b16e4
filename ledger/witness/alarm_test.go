package witness

import (
	"bytes"
	"errors"
	"testing"

	"example.org/custody/ledger/ledgertest"
)

// smallAlarm returns an alarm file about a second close, and the log.
func smallAlarm(t *testing.T) (*testLog, []byte) {
	t.Helper()
	l := newLog(t)
	a, _ := newAuditor(t, l, &Memory{})
	l.add(ledgertest.Events(0, 3)...)
	l.force(ledgertest.Rival(1, 1))
	_, err := l.cosign(a)
	b, err := l.mustAlarm(a, err, SecondClose).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return l, b
}

// No byte of an alarm can be changed: it is refused or proves nothing.
func TestAlarmFlippedBytes(t *testing.T) {
	l, b := smallAlarm(t)
	for i := range b {
		c := bytes.Clone(b)
		c[i] ^= 1
		a, err := ParseAlarm(c)
		if err != nil {
			if !errors.Is(err, ErrAlarmForm) {
				t.Fatalf("byte %d: %v", i, err)
			}
			continue
		}
		if what, err := a.Verify(l.vkey); err == nil {
			t.Errorf("byte %d of %s: still says %q", i, c, what)
		}
	}
}

func TestParseAlarmRefuses(t *testing.T) {
	_, b := smallAlarm(t)
	for name, edit := range map[string][2]string{
		"space":         {`{"format"`, `{ "format"`},
		"format":        {"custody/alarm/v1", "custody/alarm/v2"},
		"extra member":  {`"kind"`, `"jot":1,"kind"`},
		"missing":       {`"format":"custody/alarm/v1",`, ``},
		"null":          {`"ranges":[`, `"ranges":null,"x":[`},
		"negative":      {`"first":1`, `"first":-1`},
		"a leaf cut":    {`"leaves":["`, `"leaves":["AAAA","`},
		"trailing byte": {`}]}`, `}]} `},
	} {
		c := bytes.Replace(b, []byte(edit[0]), []byte(edit[1]), 1)
		if bytes.Equal(b, c) {
			t.Errorf("%s: nothing changed", name)
		}
		if _, err := ParseAlarm(c); !errors.Is(err, ErrAlarmForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, null := range []string{"leaves", "proof"} {
		c := bytes.Replace([]byte(`{"format":"custody/alarm/v1","kind":"fork","notes":[],"ranges":[{"first":0,"leaves":[],"proof":[]}]}`),
			[]byte(`"`+null+`":[]`), []byte(`"`+null+`":null`), 1)
		if _, err := ParseAlarm(c); !errors.Is(err, ErrAlarmForm) {
			t.Errorf("%s: %v", c, err)
		}
	}
	if _, err := ParseAlarm(make([]byte, maxAlarm+1)); !errors.Is(err, ErrAlarmForm) {
		t.Errorf("too long: %v", err)
	}
}

func FuzzParseAlarm(f *testing.F) {
	f.Add([]byte(`{"format":"custody/alarm/v1","kind":"split","notes":["a"],"ranges":[{"first":1,"leaves":[],"proof":[]}]}`))
	f.Add([]byte(`{"format":"custody/alarm/v1","inserts":[{"path":[]}],"kind":"epoch-root","notes":[],"ranges":[]}`))
	_, key := logKey(&testing.T{}, string(testOrigin))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseAlarm(b)
		if err != nil {
			return
		}
		again, err := a.Marshal()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%s became %s, %v", b, again, err)
		}
		if what, err := a.Verify(key); err == nil {
			t.Fatalf("%s proves %q under a key that signed nothing", b, what)
		}
	})
}
