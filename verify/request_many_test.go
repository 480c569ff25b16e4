package verify_test

import (
	"fmt"
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// The files that were delivered under a request are gathered once, however many items
// came under it: each further item takes no more than the ones before.
func TestManyItemsUnderOneRequest(t *testing.T) {
	const each = 300
	files := func(item int) (list []verifytest.File) {
		for i := range each {
			list = append(list, verifytest.File{Path: fmt.Sprintf("%d/%d.txt", item, i), Content: fmt.Append(nil, i)})
		}
		return list
	}
	takes := func(items int) uint64 {
		s := answeredRequest(nil, files(0)...)
		also := []*verifytest.Item{}
		for i := range items - 1 {
			also = append(also, s.item)
			s.give(files(i + 1))
		}
		o := s.out(also...)
		return allocated(func() {
			v := verify.Dossier(o.d, o.trust, o.opts)
			if (shown{8, verify.Undecided, "request.inventory", fmt.Sprintf("1 files were delivered, and %d are shown", items*each)}).in(v) == nil {
				t.Errorf("%d items: not all files", items)
			}
		})
	}
	if few, many := takes(4), takes(24); many > 8*few {
		t.Errorf("%d bytes for 4 items, %d for 24", few, many)
	}
}
