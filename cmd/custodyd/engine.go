package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger/trillianlog"
)

// What a ledger over Trillian can fail of.
var _ = ui.Register(
	ui.Entry{Code: "E-ENGINE", Class: ui.ErrUsage, Title: "Not an engine of a ledger", For: []error{engine.ErrChoice, trillianlog.ErrPassword, trillianlog.ErrPlain},
		Means: "nothing was made or changed",
		Do:    []string{"--engine trillian --database postgresql://custody@HOST/trillian?sslmode=verify-full --log-server HOST:PORT"}},
	ui.Entry{Code: "E-ENGINE-LEDGER", Title: "The ledger is there already", For: []error{trillianlog.ErrExists, desk.ErrNotEmbedded},
		Means: "it was left as it is; a name belongs to one ledger for ever",
		Do:    []string{"custodyd serve --home FOLDER"}},
	ui.Entry{Code: "E-ENGINE-CONFIG", Title: "Trillian is not as the ledger needs it", For: []error{trillianlog.ErrConfig, trillianlog.ErrKey, trillianlog.ErrNone},
		Means: "the node takes no events; what is in the ledger is untouched, but the database would not refuse what must be refused",
		Do:    []string{"ask who runs the database what was changed: the tree, its guards (triggers) or the ledger's row"}},
	ui.Entry{Code: "E-ENGINE-UNSAFE", Title: "The ledger's database can lose what it acknowledges", For: []error{trillianlog.ErrUnsafe},
		Means: "the node takes no events; a crash of the database's machine could take back leaves for which receipts were given",
		Do:    []string{"set what is named to what is safe: of PostgreSQL fsync, full_page_writes and synchronous_commit to on, for the server, the database and every role; of MariaDB innodb_flush_log_at_trx_commit and sync_binlog to 1, log_bin and innodb_doublewrite to on; start the log server again"}},
	ui.Entry{Code: "E-ENGINE-DATABASE", Title: "The ledger's database does not answer", For: []error{trillianlog.ErrDatabase},
		Means: "the node was not begun; nothing that was acknowledged is lost",
		Do:    []string{"start PostgreSQL or MariaDB, or reach it again; PGPASSFILE or PGPASSWORD holds the password, for MariaDB MYSQL_PWD_FILE or MYSQL_PWD"}},
	ui.Entry{Code: "E-ENGINE-SERVER", Title: "The Trillian log server does not answer", For: []error{trillianlog.ErrServer, trillianlog.ErrTurn},
		Means: "the node was not begun; nothing that was acknowledged is lost",
		Do:    []string{"start trillian_log_server, or reach it again"}},
	ui.Entry{Code: "E-ENGINE-SIGNER", Title: "No Trillian log signer is at work", For: []error{trillianlog.ErrSigner},
		Means: "what was submitted is durable, and gets its receipt when a signer has integrated it; the node was not begun",
		Do:    []string{"start trillian_log_signer over the same database, and see what it says"}},
)

// engineFlags say which engine keeps the ledger from now on.
func engineFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "engine", Usage: "what keeps the ledger: `ENGINE` is trillian, to which it is moved; left away: what keeps it now"},
		&cli.StringFlag{Name: "database", Usage: "Trillian's database, a connection `URI` without password: postgresql:// or mariadb://"},
		&cli.StringFlag{Name: "log-server", Usage: "`HOST:PORT` of a Trillian log server over it"},
	}
}

// useEngine moves the home's ledger to the engine that the line names, unless that keeps
// it already.
func useEngine(c *cli.Context, s *desk.Session) error {
	choice := engine.Choice{
		Engine: engine.Name(c.String("engine")),
		Config: trillianlog.Config{Database: c.String("database"), LogServer: c.String("log-server")},
	}
	if err := choice.Check(); err != nil || choice.Engine != engine.Trillian {
		return err
	}
	_, err := s.Migrate(c.Context, choice.Config)
	return err
}
