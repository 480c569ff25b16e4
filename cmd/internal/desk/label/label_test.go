package label

import (
	"testing"

	"example.org/custody/evidence"
)

// The text of a label names the whole item, and nothing else is taken for one.
func FuzzParse(f *testing.F) {
	f.Add(New(evidence.ItemID{1, 2}, "E-1", nil).Text)
	f.Add("CUSTODY1:")
	f.Add("CUSTODY1:AEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB") // unused bits set
	f.Add("CUSTODY1:AEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
	f.Add("CUSTODY1:AE======")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := Parse(text)
		if err == nil && New(id, "", nil).Text != text {
			t.Fatalf("%q is taken for the label of %s", text, id)
		}
	})
}
