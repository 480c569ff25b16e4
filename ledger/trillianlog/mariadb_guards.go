package trillianlog

import (
	"context"
	_ "embed"
	"regexp"
	"strings"
)

//go:embed guard-mariadb.sql
var mariaSQL string

// mariaStatements are the statements of guard-mariadb.sql.
var mariaStatements = strings.Split(mariaSQL, "$$\n")

var trigger = regexp.MustCompile(`(?s)CREATE OR REPLACE TRIGGER (\w+) .* FOR EACH ROW\n(BEGIN\n.*END)`)

// mariaGuards are the triggers among them.
var mariaGuards = func() (all []guard) {
	for _, s := range mariaStatements {
		if found := trigger.FindStringSubmatch(s); found != nil {
			all = append(all, guard{found[1], found[2]})
		}
	}
	return all
}()

func (m *mariadb) guards(ctx context.Context) (bodies map[string]string, lacks bool, err error) {
	bodies, err = bodiesOf(m.query(ctx, `SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS
		WHERE TRIGGER_SCHEMA = DATABASE() AND ACTION_TIMING = 'BEFORE' AND EVENT_MANIPULATION = 'INSERT' AND
		(TRIGGER_NAME, EVENT_OBJECT_TABLE) IN (('custody_whole_batch', 'LeafData'), ('custody_batch_at_end', 'SequencedLeafData'), ('custody_no_shrink', 'TreeHead'))`))
	if err == nil {
		err = m.queryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM information_schema.TABLES
			WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'custody_waiting')`).Scan(&lacks)
	}
	return bodies, lacks, err
}

// guard implements kind. Each statement is a transaction of its own; a trigger is replaced in
// one step.
func (m *mariadb) guard(ctx context.Context) error {
	for _, s := range mariaStatements {
		if _, err := m.of.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
