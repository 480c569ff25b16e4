package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger/trillianlog"
)

// Problems of a ledger over Trillian.
const (
	codeEngine       ui.Code = "E-ENGINE"
	codeEngineMade   ui.Code = "E-ENGINE-LEDGER"
	codeEngineConfig ui.Code = "E-ENGINE-CONFIG"
	codeEngineUnsafe ui.Code = "E-ENGINE-UNSAFE"
	codeDatabase     ui.Code = "E-ENGINE-DATABASE"
	codeLogServer    ui.Code = "E-ENGINE-SERVER"
	codeSigner       ui.Code = "E-ENGINE-SIGNER"
)

var _ = ui.Register(
	ui.Entry{Code: codeEngine, Class: ui.ErrUsage, Title: "Not an engine of a ledger", For: []error{engine.ErrChoice, trillianlog.ErrPassword, trillianlog.ErrPlain},
		Means: "nothing was made or changed",
		Do:    []string{"--engine trillian --database postgresql://custody@HOST/trillian?sslmode=verify-full --log-server HOST:PORT", "leave all three away for the embedded engine"}},
	ui.Entry{Code: codeEngineMade, Title: "The ledger is there already", For: []error{trillianlog.ErrExists, desk.ErrNotEmbedded},
		Means: "it was left as it is; a name belongs to one ledger for ever",
		Do:    []string{"custody doctor", "give a new ledger a name that none had, with --origin"}},
	ui.Entry{Code: codeEngineConfig, Title: "Trillian is not as the ledger needs it", For: []error{trillianlog.ErrConfig, trillianlog.ErrKey, trillianlog.ErrNone},
		Means: "nothing was logged; what is in the ledger is untouched, but the database would not refuse what must be refused",
		Do:    []string{"ask who runs the database what was changed: the tree, its guards (triggers) or the ledger's row", "point the home at the database in which its ledger was made"}},
	ui.Entry{Code: codeEngineUnsafe, Title: "The ledger's database can lose what it acknowledges", For: []error{trillianlog.ErrUnsafe},
		Means: "nothing was logged; a crash of the database's machine could take back leaves for which receipts were given",
		Do:    []string{"ask who runs the database to set what is named to what is safe: of PostgreSQL fsync, full_page_writes and synchronous_commit to on, for the server, the database and every role; of MariaDB innodb_flush_log_at_trx_commit and sync_binlog to 1, log_bin and innodb_doublewrite to on", "start the log server again, then run the same command again"}},
	ui.Entry{Code: codeDatabase, Title: "The ledger's database does not answer", For: []error{trillianlog.ErrDatabase},
		Means: "nothing was acknowledged that is not durable; acts that were signed wait",
		Do:    []string{"start PostgreSQL or MariaDB, or reach it again; PGPASSFILE or PGPASSWORD holds the password, for MariaDB MYSQL_PWD_FILE or MYSQL_PWD", "run the same command again: what landed meanwhile is found, and nothing is logged twice"}},
	ui.Entry{Code: codeLogServer, Title: "The Trillian log server does not answer", For: []error{trillianlog.ErrServer, trillianlog.ErrTurn},
		Means: "nothing was acknowledged that is not durable; acts that were signed wait",
		Do:    []string{"start trillian_log_server, or reach it again", "run the same command again: what landed meanwhile is found, and nothing is logged twice"}},
	ui.Entry{Code: codeSigner, Title: "No Trillian log signer is at work", For: []error{trillianlog.ErrSigner},
		Means: "what was submitted is durable, and gets its receipt when a signer has integrated it",
		Do:    []string{"start trillian_log_signer over the same database, and see what it says", "run the same command again"}},
)

// engineFlags say which engine keeps a new ledger.
func engineFlags() []cli.Flag {
	return []cli.Flag{
		choiceFlag("engine", "what keeps the ledger: `ENGINE` is embedded, files in the home, or trillian, servers over a database", engine.Names()...),
		databaseFlag(), logServerFlag(),
	}
}

func databaseFlag() cli.Flag {
	return &cli.StringFlag{Name: "database", Usage: "Trillian's database, a connection `URI` without password: postgresql:// or mariadb://"}
}

func logServerFlag() cli.Flag {
	return &cli.StringFlag{Name: "log-server", Usage: "`HOST:PORT` of a Trillian log server over it"}
}

// engineOf returns the engine that a line names.
func engineOf(c *cli.Context) (engine.Choice, error) {
	out := engine.Choice{Engine: engine.Name(c.String("engine"))}
	if out.Engine == engine.Trillian {
		out.Config = serversOf(c)
	} else if c.IsSet("database") || c.IsSet("log-server") {
		return out, ui.Usage("--engine trillian with them", "--database and --log-server are Trillian's")
	}
	return out, out.Check()
}

func serversOf(c *cli.Context) trillianlog.Config {
	return trillianlog.Config{Database: c.String("database"), LogServer: c.String("log-server")}
}
