package inspect

import (
	"example.org/custody/ledger"
	"example.org/custody/ledger/witness"
)

// inspectAlarm looks at alarm files (spec/leaf.md, "Alarm").
func inspectAlarm(i *Inspection, f *inspected) (bool, error) {
	if !f.begins(`{"format":"custody/alarm/`) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	a, err := witness.ParseAlarm(b)
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "alarm", "alarm: a ledger's own signed words set against each other"
	i.fact("kind", "%s", a.Kind)
	for _, n := range a.Notes {
		if c, err := ledger.ReadCheckpoint(n); err == nil {
			i.fact("ledger", "%s", c.Origin)
			i.fact("size", "%d leaves", c.Size)
		}
	}
	for _, r := range a.Ranges {
		i.fact("leaves shown", "%d from %d on", len(r.Leaves), r.First)
	}
	i.fact("sha256", "%s", hexSum(b))
	i.Note = "Nothing of it was verified: custody audit --alarm " + i.File + " does that, with the ledger's key alone."
	return true, nil
}
