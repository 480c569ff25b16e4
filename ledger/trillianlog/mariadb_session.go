package trillianlog

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
)

// sqlSession makes a session of a database or a connection of database/sql.
type sqlSession struct {
	of interface {
		ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, statement string, args ...any) *sql.Row
	}
}

func (s sqlSession) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	statement, args = positional(statement, args)
	result, err := s.of.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s sqlSession) query(ctx context.Context, statement string, args ...any) (rows, error) {
	statement, args = positional(statement, args)
	r, err := s.of.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

func (s sqlSession) queryRow(ctx context.Context, statement string, args ...any) row {
	statement, args = positional(statement, args)
	return s.of.QueryRowContext(ctx, statement, args...)
}

// sqlRows are rows of database/sql.
type sqlRows struct{ *sql.Rows }

// Close implements rows. What failed in reading is in Err.
func (r sqlRows) Close() { _ = r.Rows.Close() }

var numbered = regexp.MustCompile(`\$[0-9]+`)

// positional puts ? for each $1, $2 and so on, as MariaDB wants it, and the arguments in
// their order.
func positional(statement string, args []any) (string, []any) {
	var ordered []any
	statement = numbered.ReplaceAllStringFunc(statement, func(name string) string {
		n, _ := strconv.Atoi(name[1:]) // of digits
		ordered = append(ordered, args[n-1])
		return "?"
	})
	return statement, ordered
}
