package trillianlog

import (
	"context"
	"fmt"
	"strings"
)

// checkDurable reports [ErrUnsafe] when the database would acknowledge leaves that a
// crash can lose: by its settings as this node's session has them, or as any role has
// them that may write leaves, which the log server's is one of. What a log server sets
// for its own session is seen by the guard, with each batch.
func (d *database) checkDurable(ctx context.Context) error {
	var unsafe []string
	err := d.pool.QueryRow(ctx, `SELECT ARRAY(
		SELECT name || ' is off' FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) name WHERE current_setting(name) = 'off'
		UNION ALL
		SELECT 'synchronous_commit is off for ' || CASE s.setrole WHEN 0 THEN 'every role' ELSE 'the role ' || s.setrole::regrole END
		FROM pg_db_role_setting s, unnest(s.setconfig) c
		WHERE lower(c) IN ('synchronous_commit=off', 'synchronous_commit=false', 'synchronous_commit=no', 'synchronous_commit=0')
		AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND (s.setrole = 0 OR has_table_privilege(s.setrole, 'sequencedleafdata', 'INSERT')))`).Scan(&unsafe)
	if err == nil && len(unsafe) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(unsafe, ", "), ErrUnsafe)
	}
	return inDatabase(err)
}
