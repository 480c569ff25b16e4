package trillianlog

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
)

// guards is what custody adds to Trillian's schema.
//
//go:embed guard.sql
var guards string

// guardNames are the triggers of guard.sql, in its order.
var guardNames = []string{"custody_whole_batch", "custody_no_shrink"}

// earlierGuards are the functions of guards that an earlier version of custody made, by
// SHA-256: those of a database that is opened by this version for the first time.
var earlierGuards = map[string]bool{
	"ae1ed8ea395b1f805b7e4e3dc1ab56e3a868b2a5b1ac30e15fbca453de827d68": true, // custody_whole_batch that knew of no end
}

// prepare makes the guards in a database that may be a ledger's. Errors: [ErrUnsafe],
// [ErrDatabase].
func (d *database) prepare(ctx context.Context) error {
	if err := d.checkDurable(ctx); err != nil {
		return err
	}
	return d.guard(ctx)
}

// guard makes the guards, which may be there.
func (d *database) guard(ctx context.Context) error {
	_, err := d.pool.Exec(ctx, guards)
	return inDatabase(err)
}

// checkGuards reports [ErrConfig] unless both guards are there, on, and do what this
// version of custody, or an earlier one, has made them do: then earlier is true. So it is
// when the table is not there that an earlier one did not have.
func (d *database) checkGuards(ctx context.Context) (earlier bool, err error) {
	rows, err := d.pool.Query(ctx, `SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgenabled = 'O'
		AND (t.tgname = 'custody_whole_batch' AND t.tgrelid = 'sequencedleafdata'::regclass OR t.tgname = 'custody_no_shrink' AND t.tgrelid = 'treehead'::regclass)`)
	if err != nil {
		return false, inDatabase(err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var name, body string
		if err := rows.Scan(&name, &body); err != nil {
			return false, inDatabase(err)
		}
		found[name] = body
	}
	if err := rows.Err(); err != nil {
		return false, inDatabase(err)
	}
	bodies := strings.Split(guards, "$$")
	for i, name := range guardNames {
		body, ok := found[name]
		sum := sha256.Sum256([]byte(body))
		switch {
		case !ok:
			return false, fmt.Errorf("the database lacks the ledger's guard %s: %w", name, ErrConfig)
		case body == bodies[2*i+1]:
		case earlierGuards[hex.EncodeToString(sum[:])]:
			earlier = true
		default:
			return false, fmt.Errorf("the ledger's guard %s is not the one that this version of custody makes: %w", name, ErrConfig)
		}
	}
	var lacks bool
	err = d.pool.QueryRow(ctx, "SELECT to_regclass('custody_waiting') IS NULL").Scan(&lacks)
	return earlier || lacks, inDatabase(err)
}

// renewGuards checks the guards and makes those of an earlier version anew.
func (d *database) renewGuards(ctx context.Context) error {
	earlier, err := d.checkGuards(ctx)
	if err == nil && earlier {
		err = d.guard(ctx)
	}
	return err
}
