package desk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/verify"
)

// Lists are filtered by case, holder, what waits for this desk, and what is
// overdue by the desk's clock.
func TestList(t *testing.T) {
	out := toured(t)
	h, err := desk.Open(out.Homes[1])
	must(t, err)
	s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	card, err := s.AddOfficer(t.Context(), desk.NewOfficer{Alias: "other", Role: evidence.RoleCustodian, Passphrase: out.Passphrase})
	must(t, err)
	it, err := s.Find(t.Context(), "E-1")
	must(t, err)
	_, err = s.Offer(t.Context(), desk.Offering{Items: []*desk.Item{it}, To: card, Due: s.Now().Add(time.Hour)})
	must(t, err)
	_, holder := s.Acting()
	count := func(f desk.Filter) int {
		items, err := s.List(t.Context(), f)
		must(t, err)
		return len(items)
	}
	for name, tt := range map[string]struct {
		f    desk.Filter
		want int
	}{
		"all": {desk.Filter{}, 4}, "case": {desk.Filter{Case: "TOUR-1"}, 2}, "the case of the request": {desk.Filter{Case: "TOUR-2"}, 2}, "another case": {desk.Filter{Case: "TOUR"}, 0},
		"alias": {desk.Filter{Holder: "lab"}, 4}, "another": {desk.Filter{Holder: "other"}, 0},
		"key": {desk.Filter{Holder: holder.Key.String()[:6]}, 4}, "too little of the key": {desk.Filter{Holder: holder.Key.String()[:5]}, 0},
		"waiting": {desk.Filter{Waiting: true}, 1}, "overdue": {desk.Filter{Overdue: true}, 0},
	} {
		if got := count(tt.f); got != tt.want {
			t.Errorf("%s: %d items, want %d", name, got, tt.want)
		}
	}
	before := s.Home.Now
	s.Home.Now = func() time.Time { return before().Add(2 * time.Hour) }
	if got := count(desk.Filter{Overdue: true}); got != 1 {
		t.Errorf("two hours later %d items are overdue", got)
	}
	if got := count(desk.Filter{Waiting: true}); got != 1 {
		t.Errorf("two hours later %d items wait", got)
	}
}

// One item whose events cannot be read is shown as damaged, and the others as
// they are; the doctor names it.
func TestDamagedItem(t *testing.T) {
	out := toured(t)
	home := out.Homes[1]
	spoiled := 0
	for _, path := range tree(t, filepath.Join(home, "vault")) {
		if strings.Contains(path, out.Copy.String()) {
			must(t, os.WriteFile(path, []byte("not what it was"), 0o600))
			spoiled++
		}
	}
	if spoiled == 0 {
		t.Fatal("no body of the item was found")
	}
	h, err := desk.Open(home)
	must(t, err)
	s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	items, err := s.List(t.Context(), desk.Filter{Case: "TOUR-1"})
	must(t, err)
	damaged := map[evidence.ItemID]bool{}
	for _, it := range items {
		damaged[it.Item] = it.Damaged != ""
	}
	if len(items) != 2 || !damaged[out.Copy] || damaged[out.Item] {
		t.Errorf("listed: %+v", items)
	}
	checks, err := s.Examine(t.Context(), progress.None{})
	must(t, err)
	found := false
	for _, c := range checks {
		found = found || c.Status == verify.Fails && strings.Contains(c.Name, out.Copy.Short())
	}
	if !found {
		t.Errorf("the doctor does not name it: %+v", checks)
	}
}
