package trillianlog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// earlierGuards are the bodies of guards that an earlier version of custody made, by
// SHA-256: those of a database that is opened by this version for the first time.
var earlierGuards = map[string]bool{
	"ae1ed8ea395b1f805b7e4e3dc1ab56e3a868b2a5b1ac30e15fbca453de827d68": true, // PostgreSQL's custody_whole_batch that knew of no end
}

// prepare makes the guards in a database that may be a ledger's. Errors: [ErrUnsafe],
// [ErrDatabase].
func (d *database) prepare(ctx context.Context) error {
	if err := d.checkDurable(ctx); err != nil {
		return err
	}
	return inDatabase(d.guard(ctx))
}

// checkGuards reports [ErrConfig] unless the guards are there, on, and do what this
// version of custody, or an earlier one, has made them do: then earlier is true. So it is
// when a table is not there that an earlier one did not have.
func (d *database) checkGuards(ctx context.Context) (earlier bool, err error) {
	found, lacks, err := d.guards(ctx)
	if err != nil {
		return false, inDatabase(err)
	}
	for _, g := range d.words().guards {
		body, ok := found[g.name]
		sum := sha256.Sum256([]byte(body))
		switch {
		case !ok:
			return false, fmt.Errorf("the database lacks the ledger's guard %s: %w", g.name, ErrConfig)
		case body == g.body:
		case earlierGuards[hex.EncodeToString(sum[:])]:
			earlier = true
		default:
			return false, fmt.Errorf("the ledger's guard %s is not the one that this version of custody makes: %w", g.name, ErrConfig)
		}
	}
	return earlier || lacks, nil
}

// bodiesOf reads triggers: their names and what they do.
func bodiesOf(r rows, err error) (map[string]string, error) {
	if err != nil {
		return nil, err
	}
	defer r.Close()
	found := map[string]string{}
	for r.Next() {
		var name, body string
		if err := r.Scan(&name, &body); err != nil {
			return nil, err
		}
		found[name] = body
	}
	return found, r.Err()
}

// renewGuards checks the guards and makes those of an earlier version anew.
func (d *database) renewGuards(ctx context.Context) error {
	earlier, err := d.checkGuards(ctx)
	if err == nil && earlier {
		err = inDatabase(d.guard(ctx))
	}
	return err
}
