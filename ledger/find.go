package ledger

import (
	"context"
	"fmt"
)

// Find looks for a leaf among the first size of a ledger, and returns its index. It
// reads all leaves before it, or all there are.
func Find(ctx context.Context, log Reader, size uint64, want Leaf) (index uint64, ok bool, err error) {
	for leaf, err := range log.Leaves(ctx, 0, size) {
		if err != nil {
			return 0, false, fmt.Errorf("leaf %d: %w", index, err)
		}
		if leaf == want {
			return index, true, nil
		}
		index++
	}
	return 0, false, nil
}
