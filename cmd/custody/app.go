package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger/client"
)

// tool is what every verb gets: the terminal and the global settings.
type tool struct {
	term *ui.Terminal
	app  *cli.App

	home    string // of the desk, absolute; empty only if the system names no home
	node    string // address of the node that keeps the ledger; "" is what the desk remembers
	entered bool   // the action of a verb has begun
}

// newTool builds the command tree. Parsing is left to urfave/cli; everything it
// would print or decide itself (help, usage errors, exit codes) is ours.
func newTool(std ui.Streams, constructors []verb) *tool {
	t := &tool{term: ui.NewTerminal(std)}
	t.app = &cli.App{
		Name:                      "custody",
		Usage:                     "evidence, who held it, and the proof that a court can check offline",
		Flags:                     globalFlags(),
		Writer:                    io.Discard,
		ErrWriter:                 io.Discard,
		HideHelp:                  true,
		HideVersion:               true,
		DisableSliceFlagSeparator: true, // a comma in a file name stays one
		Before:                    t.configure,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              passError,
	}
	for _, construct := range constructors {
		t.app.Commands = append(t.app.Commands, construct(t))
	}
	t.prepare(t.app.Commands)
	return t
}

// prepare takes from each command what urfave/cli would do by itself, and notes
// when an action begins.
func (t *tool) prepare(commands []*cli.Command) {
	for _, c := range commands {
		c.HideHelp = true // else a file called "help" or "h" is taken for a verb
		c.OnUsageError = passError
		t.prepare(c.Subcommands)
		if len(c.Subcommands) > 0 {
			continue
		}
		action := c.Action
		c.Action = func(ctx *cli.Context) error {
			t.entered = true
			return action(ctx)
		}
	}
}

// passError hands a usage error up without printing it.
func passError(_ *cli.Context, err error, _ bool) error { return err }

// globalFlags are the flags that every verb takes.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "home", EnvVars: []string{"CUSTODY_HOME"}, DefaultText: "~/.custody",
			Usage: "the `FOLDER` of the desk: keys, ledger, store, settings"},
		&cli.StringFlag{Name: "node", EnvVars: []string{"CUSTODY_NODE"}, DefaultText: "what the desk remembers",
			Usage: "the `ADDRESS` of the node that keeps the ledger; without one the desk keeps its own"},
		&cli.BoolFlag{Name: "json", Usage: "print JSON, one object a line"},
		choiceFlag("color", "when to colour: `WHEN` is auto, always or never", "auto", "always", "never"),
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print data and problems only"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "answer yes where the tool asks whether to go on"},
		&cli.IntFlag{Name: "passphrase-fd", Value: -1, DefaultText: "none",
			Usage: "read each passphrase as one line from file descriptor `N`"},
	}
}

// configure applies the global flags; it runs before the action of the verb.
func (t *tool) configure(c *cli.Context) error {
	color, err := ui.ParseColor(c.String("color"))
	if err != nil {
		return err
	}
	t.term.Configure(ui.Options{JSON: c.Bool("json"), Quiet: c.Bool("quiet"), Yes: c.Bool("yes"),
		Color: color, PassphraseFD: c.Int("passphrase-fd")})
	if t.node = c.String("node"); t.node != "" {
		if _, err := client.ParseAddress(t.node); err != nil {
			return err
		}
	}
	t.home, err = homeDir(c.Path("home"))
	return err
}

// homeDir returns the folder of the desk: given, or .custody in the user's home.
func homeDir(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", nil // a verb that needs a home says so; verify needs none
	}
	return filepath.Join(user, ".custody"), nil
}

// exit runs the command line and returns the exit code. A panic becomes a
// problem: Go's own exit code for it, 2, means wrong usage here.
func (t *tool) exit(ctx context.Context, args []string) (code int) {
	defer t.term.WatchState()()
	defer func() {
		if r := recover(); r != nil {
			t.term.Trace(debug.Stack())
			code = t.term.Exit(ui.NewProblem(ui.CodeInternal, nil, "%v", r))
		}
	}()
	return t.term.Exit(explained(t.run(ctx, args)))
}

// run arranges the command line, answers --help and --version, and hands the
// rest to urfave/cli. An error from before the verb's action is wrong usage.
func (t *tool) run(ctx context.Context, args []string) error {
	l, err := arrange(t.app, args)
	if l.asksJSON() {
		t.term.Configure(ui.Options{JSON: true, PassphraseFD: -1}) // a usage error, too, is JSON then
	}
	switch {
	case err != nil:
		return err
	case l.help:
		return t.showHelp(l.verbs)
	case l.version:
		return t.showVersion()
	}
	err = t.app.RunContext(ctx, l.argv(t.app.Name))
	if err != nil && !t.entered {
		return ui.Usage(helpHint(l.verbs), "%s", flagErrorText(err))
	}
	return err
}

// needHome returns the folder of the desk, or the problem that there is none.
func (t *tool) needHome() (string, error) {
	if t.home == "" {
		return "", ui.Usage("give --home FOLDER or set CUSTODY_HOME", "the system names no home folder for this user")
	}
	return t.home, nil
}

// choice is the value of a flag that takes one of a few words.
type choice struct {
	allowed []string
	value   string
}

// choiceFlag returns a flag that takes one of the words; the first is its
// default. Shell completion offers them.
func choiceFlag(name, usage string, words ...string) *cli.GenericFlag {
	return &cli.GenericFlag{Name: name, Usage: usage, Value: &choice{allowed: words, value: words[0]}}
}

// String returns the word that was chosen.
func (c *choice) String() string { return c.value }

// Get returns the word that was chosen, a string.
func (c *choice) Get() any { return c.value }

// Set takes one of the allowed words.
func (c *choice) Set(s string) error {
	for _, word := range c.allowed {
		if s == word {
			c.value = s
			return nil
		}
	}
	return fmt.Errorf("it is one of %v", c.allowed)
}
