package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.org/custody/cmd/internal/ui"
)

func main() { os.Exit(run(os.Args[1:], ui.OS(), verbs)) }

// run is the whole process: arguments in, exit code out. The first interrupt
// ends the context, so that work can stop in order; the second ends the process.
func run(args []string, std ui.Streams, verbs []verb) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return newTool(std, verbs).exit(ctx, args)
}
