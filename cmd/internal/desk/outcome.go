package desk

import (
	"errors"

	"example.org/custody/evidence"
)

// ItemError says why one item of several was not acted on; each is decided alone.
type ItemError struct {
	Item evidence.ItemID
	Err  error
}

// Error implements error.
func (e *ItemError) Error() string { return "item " + e.Item.Short() + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *ItemError) Unwrap() error { return e.Err }

// Outcome is the error of a batch, taken apart.
type Outcome struct {
	Refused []*ItemError // items that were not acted on
	DryRun  *DryRun      // what would have been signed; nil unless it was a dry run
	Err     error        // what concerns the whole batch; nil when nothing does
}

// OutcomeOf takes the error of a batch apart.
func OutcomeOf(err error) Outcome {
	var o Outcome
	switch x := err.(type) {
	case nil:
	case *ItemError:
		o.Refused = []*ItemError{x}
	case *DryRun:
		o.DryRun = x
	case interface{ Unwrap() []error }:
		for _, part := range x.Unwrap() {
			o.merge(OutcomeOf(part))
		}
		if o.Refused == nil && o.DryRun == nil {
			o.Err = err // one sentence of several causes, not a batch
		}
	default:
		o.Err = err
	}
	return o
}

func (o *Outcome) merge(p Outcome) {
	o.Refused = append(o.Refused, p.Refused...)
	o.Err = errors.Join(o.Err, p.Err)
	if p.DryRun == nil {
		return
	}
	if o.DryRun == nil {
		o.DryRun = &DryRun{}
	}
	o.DryRun.Acts = append(o.DryRun.Acts, p.DryRun.Acts...)
}
