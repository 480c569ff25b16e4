package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.org/custody/cmd/internal/ui"
)

func main() { os.Exit(run(os.Args, ui.OS())) }

// run is the whole process: arguments in, exit code out. A signal ends the context,
// and what is under way is finished; the second one ends the process.
func run(args []string, std ui.Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return ui.NewTerminal(std).Exit(newApp(std).RunContext(ctx, args))
}
