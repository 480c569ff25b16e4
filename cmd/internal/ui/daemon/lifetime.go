package daemon

import (
	"context"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

const untilEOF = "until-eof"

// UntilEOFFlag is the flag that [Lifetime] reads.
func UntilEOFFlag() cli.Flag {
	return &cli.BoolFlag{Name: untilEOF, Usage: "end when standard input ends, as when the process that started this one does"}
}

// Lifetime returns the context of a verb that serves. With [UntilEOFFlag] on its line it
// ends with standard input, too: a program never outlives the one that started it so.
func Lifetime(c *cli.Context, std ui.Streams) context.Context {
	if !c.Bool(untilEOF) {
		return c.Context
	}
	ctx, end := context.WithCancel(c.Context)
	go func() {
		defer end()
		_, _ = io.Copy(io.Discard, std.In) // however it ends, nobody is there any more
	}()
	return ctx
}
