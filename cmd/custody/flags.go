package main

import "github.com/urfave/cli/v2"

// Flags that mean the same in every verb that has them.

// dryRunFlag is on every verb that writes: it prints what would be signed, and
// signs nothing.
func dryRunFlag() cli.Flag {
	return &cli.BoolFlag{Name: "dry-run", Usage: "show what would be signed and written, and do nothing"}
}

// forceFlag lets an output replace a file that is there.
func forceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "replace an output file that is there"}
}
