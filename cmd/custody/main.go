package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"example.org/custody/cmd/internal/ui"
)

func main() { os.Exit(run(os.Args[1:], ui.OS(), verbs)) }

// memoryGoal is below what garbage is collected more often than Go would by
// itself, in bytes: evidence passes through in small pieces, and what grows with
// the number of files should not double because of garbage. GOMEMLIMIT wins.
const memoryGoal = 80 << 20

// run is the whole process: arguments in, exit code out. The first interrupt
// ends the context, so that work can stop in order; the second ends the process.
func run(args []string, std ui.Streams, verbs []verb) int {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // what libraries log is no language for a person
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return newTool(std, verbs).exit(ctx, args)
}
