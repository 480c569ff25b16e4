package desk_test

import (
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
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
		"all": {desk.Filter{}, 2}, "case": {desk.Filter{Case: "TOUR-1"}, 2}, "another case": {desk.Filter{Case: "TOUR"}, 0},
		"alias": {desk.Filter{Holder: "lab"}, 2}, "another": {desk.Filter{Holder: "other"}, 0},
		"key": {desk.Filter{Holder: holder.Key.String()[:6]}, 2}, "too little of the key": {desk.Filter{Holder: holder.Key.String()[:5]}, 0},
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
