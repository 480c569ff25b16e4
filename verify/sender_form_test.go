package verify

import (
	"runtime"
	"strings"
	"testing"

	"example.org/custody/verify/pack"
)

// A verdict of millions of empty members is refused before it is taken apart.
func TestSenderVerdictIsCounted(t *testing.T) {
	empty := strings.Repeat(`{},`, 500_000) + `{}`
	padded := strings.Repeat(`{"item":"`+strings.Repeat("a", 40)+`"},`, 100_000) + `{}`
	finding := `{"check":"` + strings.Repeat("a", 60) + `"}`
	for name, c := range map[string]struct {
		verdict string
		want    Status
	}{
		"empty items":       {`{"format":"x","items":[` + empty + `]}`, Undecided},
		"many items":        {`{"format":"x","items":[` + padded + `]}`, Fails},
		"empty findings":    {`{"format":"x","items":[{"questions":[{"findings":[` + empty + `]}]}]}`, Undecided},
		"questions missing": {`{"format":"x","items":[{"questions":[{"findings":[` + finding + `]}]}]}`, Undecided},
		"no findings":       {`{"format":"x","items":[{"questions":[{"findings":[` + strings.Repeat("0,", 500_000) + `0]}` + strings.Repeat(",{}", 9) + `]}]}`, Undecided},
		"no spans":          {`{"format":"x","items":[{"questions":[{}` + strings.Repeat(",{}", 9) + `],"TIMELINE":[` + strings.Repeat("0,", 500_000) + `0]}]}`, Undecided},
		"no items":          {`{"format":"x","items":[` + strings.Repeat("0,", 500_000) + `0]}`, Undecided},
		"not JSON":          {`{"format":"x"`, Undecided},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := countable(&pack.Package{Verdict: []byte(c.verdict)}, make([]ItemVerdict, 1))
		runtime.ReadMemStats(&after)
		if r == nil || r.status != c.want {
			t.Errorf("%s: %v, want %s", name, r, c.want)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 8*uint64(len(c.verdict))+1<<20 {
			t.Errorf("%s: %d bytes for a verdict of %d", name, took, len(c.verdict))
		}
	}
	ten := strings.TrimSuffix(strings.Repeat(`{"by_hand":"`+strings.Repeat("a", 60)+`"},`, 10), ",")
	if r := countable(&pack.Package{Verdict: []byte(`{"items":[{"questions":[` + ten + `]}]}`)}, make([]ItemVerdict, 1)); r != nil {
		t.Errorf("ten questions: %v", r.detail)
	}
}
