//go:build !js

package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "courtroom: error:", err)
		os.Exit(1)
	}
}

// run makes the page and prints its digest as sha256sum does.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("courtroom", flag.ContinueOnError)
	out := flags.String("out", "courtroom.html", "the `FILE` to make")
	list := flags.String("trust", "", "build in this trust list, a `NOTE` or a trust file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, err := newParts(ctx, *list)
	if err != nil {
		return err
	}
	page, err := p.join()
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, page, 0o644); err != nil {
		return err
	}
	p.report(os.Stderr, len(page))
	fmt.Printf("%x  %s\n", sha256.Sum256(page), filepath.Base(*out))
	return nil
}
