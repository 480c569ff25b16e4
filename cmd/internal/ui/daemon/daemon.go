// Package daemon is the frame of a program that serves: verbs without arguments, problems
// in three lines on standard error, and a signal that ends it in order.
package daemon

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// App builds a command line. help is the command that a usage problem names. No verb has
// arguments, so a flag can never stand behind one and be dropped: an argument is refused,
// by each verb with [NoArguments].
func App(std ui.Streams, name, usage, help string, verbs ...*cli.Command) *cli.App {
	wrong := func(_ *cli.Context, err error, _ bool) error { return ui.Usage(help, "%s", err.Error()) }
	for _, v := range verbs {
		v.OnUsageError = wrong
	}
	return &cli.App{
		Name:                      name,
		Usage:                     usage,
		Writer:                    std.Out,
		ErrWriter:                 io.Discard,
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              wrong,
		Commands:                  verbs,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return ui.Usage(name+" help", "%q is not a verb of %s", c.Args().First(), name)
			}
			return cli.ShowAppHelp(c)
		},
	}
}

// NoArguments refuses arguments of a verb.
func NoArguments(c *cli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	verb := c.App.Name + " " + c.Command.Name
	return ui.Usage(verb+" --help", "%s takes no arguments, and %q is one", verb, c.Args().First())
}

// Run is the whole process: arguments in, exit code out. A signal ends the context, and
// what is under way is finished; the second one ends the process.
func Run(args []string, std ui.Streams, app *cli.App) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return ui.NewTerminal(std).Exit(app.RunContext(ctx, args))
}
