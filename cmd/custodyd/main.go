package main

import (
	"os"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/daemon"
)

func main() { os.Exit(run(os.Args, ui.OS())) }

// run is the whole process: arguments in, exit code out.
func run(args []string, std ui.Streams) int { return daemon.Run(args, std, newApp(std)) }
