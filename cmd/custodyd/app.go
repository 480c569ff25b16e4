package main

import (
	"io"
	"log/slog"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// newApp builds the command line. There is one verb and it has no arguments, so a
// flag can never stand behind one and be dropped: an argument is refused.
func newApp(std ui.Streams) *cli.App {
	return &cli.App{
		Name:                      "custodyd",
		Usage:                     "a member state's node: its ledger, its witness and its auditor over HTTP",
		Writer:                    std.Out,
		ErrWriter:                 io.Discard,
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageError,
		Commands:                  []*cli.Command{serveCommand(std)},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return ui.Usage("custodyd help", "%q is not a verb of custodyd", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
}

func usageError(_ *cli.Context, err error, _ bool) error {
	return ui.Usage("custodyd serve --help", "%s", err.Error())
}

func serveCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:         "serve",
		Usage:        "serve a home until a signal ends it",
		OnUsageError: usageError,
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "home", EnvVars: []string{"CUSTODY_HOME"}, Usage: "the `FOLDER` of the desk"},
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8480", Usage: "`ADDRESS` to serve at; beyond loopback it needs a certificate"},
			&cli.PathFlag{Name: "tls-cert", Usage: "certificate chain, a PEM `FILE`; read again when it changes"},
			&cli.PathFlag{Name: "tls-key", Usage: "its key, a PEM `FILE`"},
			&cli.StringSliceFlag{Name: "ledger", Usage: "`ORIGIN=URL`: where the auditor reads another state's ledger; may be repeated"},
			&cli.StringFlag{Name: "metrics", Usage: "`ADDRESS` on loopback for Prometheus metrics; without it there are none"},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return ui.Usage("custodyd serve --help", "custodyd serve takes no arguments, and %q is one", c.Args().First())
			}
			if c.Path("home") == "" {
				return ui.Usage("--home FOLDER, or set CUSTODY_HOME", "no home is named")
			}
			// Tessera and net/http write to the default logger too.
			log := slog.New(slog.NewJSONHandler(std.Err, &slog.HandlerOptions{ReplaceAttr: inUTC}))
			slog.SetDefault(slog.New(slog.DiscardHandler))
			return serve(c, log)
		},
	}
}

// inUTC writes times as everything else here does.
func inUTC(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC().Truncate(time.Millisecond))
	}
	return a
}
