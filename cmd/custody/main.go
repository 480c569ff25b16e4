package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"

	"example.org/custody/cmd/internal/ui"
)

func main() { os.Exit(run(os.Args[1:], ui.OS(), verbs)) }

// memoryGoal is below what garbage is collected more often than Go would by
// itself, in bytes: evidence passes through in small pieces, and what grows with
// the number of files should not double because of garbage. GOMEMLIMIT wins.
const memoryGoal = 64 << 20

// goal is the one that breathe has set; it alone uses it.
var goal int64

// breathe sets the goal anew after every collection: above what is in use, because
// a goal below that keeps the processor busy with collecting and frees nothing.
func breathe(struct{}) {
	inUse := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(inUse)
	if goal == 0 || debug.SetMemoryLimit(-1) == goal { // else whoever works now has set another
		goal = max(memoryGoal, int64(inUse[0].Value.Uint64())*4/3)
		debug.SetMemoryLimit(goal)
	}
	runtime.AddCleanup(new(*byte), breathe, struct{}{})
}

// run is the whole process: arguments in, exit code out. The first interrupt
// ends the context, so that work can stop in order; the second ends the process.
func run(args []string, std ui.Streams, verbs []verb) int {
	unmap()
	if os.Getenv("GOMEMLIMIT") == "" {
		breathe(struct{}{})
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // what libraries log is no language for a person
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return newTool(std, verbs).exit(ctx, args)
}
