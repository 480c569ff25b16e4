package evidence_test

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// A record is held back in part, and what is shown is still proven.
func ExampleView_Withhold() {
	record, err := evidence.NewRecord(evidence.NewRecordKey(), map[string]any{
		"collector": "officer 4711",
		"exhibit":   "E-0017",
	})
	if err != nil {
		panic(err)
	}
	view := record.View(func(e evidence.ViewEntry) *evidence.Withholding {
		if e.Name != "collector" {
			return nil
		}
		return &evidence.Withholding{Withheld: evidence.Withheld{
			Authority: "AA public prosecutor", Code: evidence.ReasonProtectedPerson, Review: "2027-01-01",
		}}
	})
	fmt.Println("verifies:", view.Verify(record.Roots()) == nil)
	for _, name := range []string{"exhibit", "collector", "place"} {
		value, presence := view.Lookup(name)
		fmt.Println(name, string(value), presence)
	}
	// Output:
	// verifies: true
	// exhibit "E-0017" present
	// collector  unknown
	// place  absent
}

// An offer alone moves nothing: the giver answers until the accept is logged.
func ExampleFold() {
	collect, offer := event(evidence.Collect, 0), event(evidence.Offer, 1)
	timeline, err := evidence.Fold([]evidence.Link{
		{Event: collect, Leaf: hash("leaf 0")},
		{Event: offer, Leaf: hash("leaf 1")},
	}, offer.Due.Add(time.Hour))
	if err != nil {
		panic(err)
	}
	fmt.Println(timeline.State, timeline.Custodian.Key == collect.Signer().Key)
	for _, gap := range timeline.Gaps {
		fmt.Println(gap.Code, gap.Detail)
	}
	// Output:
	// disputed true
	// GAP-ONESIDED the offer was due by 2026-11-24T13:00:00Z and has no answer as of 2026-11-24T14:00:00Z
}
