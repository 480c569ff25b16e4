package trillianlog

import (
	"context"
	"fmt"
	"strings"
)

// checkDurable reports [ErrUnsafe] when the database would acknowledge leaves that a
// crash can lose. What a log server sets for its own session is seen by the guard, with each
// batch.
func (d *database) checkDurable(ctx context.Context) error {
	unsafe, err := d.unsafe(ctx)
	if err == nil && len(unsafe) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(unsafe, ", "), ErrUnsafe)
	}
	return inDatabase(err)
}
