package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
)

// findStandard finds a standard that a person named. flag is how the verb takes
// one, "--standard " or "" for an argument.
func findStandard(ref, flag string) (*standards.Choice, error) {
	chosen, err := standards.Find(ref, time.Now())
	var none *standards.NoneError
	switch {
	case errors.As(err, &none):
	case errors.Is(err, fs.ErrNotExist):
		p := ui.NewProblem(codeNoStandard, nil, "there is no file %s", ref)
		p.Do = append([]string{"check the path of the pack"}, otherStandards(flag)...)
		return nil, p
	default:
		return chosen, err
	}
	p := &ui.Problem{Code: codeNoStandard, What: none.Error(), Err: none}
	if none.Meant != "" {
		p.Do = append(p.Do, "did you mean: "+flag+none.Meant+"?")
	}
	p.Do = append(p.Do, otherStandards(flag)...)
	return nil, p
}

func otherStandards(flag string) []string {
	return []string{"one of " + strings.Join(standards.Known(), ", "), "custody standard list", flag + "FILE.json, a pack of your own state"}
}

// draftOf parts the arguments of custody standard check into the standard, which
// comes first unless --standard names it, and the paths.
func draftOf(flag string, args []string) (ref string, paths []string, err error) {
	switch {
	case flag == "" && len(args) == 0:
		return "", nil, ui.Usage("custody standard check STANDARD PATH…, with STANDARD one of "+strings.Join(standards.Known(), ", "), "there is no standard to check against")
	case flag == "":
		_, err := findStandard(args[0], "")
		if errors.Is(err, standards.ErrNone) && exists(args[0]) {
			return "", nil, ui.Usage("custody standard check STANDARD "+args[0]+", with STANDARD one of "+strings.Join(standards.Known(), ", "),
				"%s is a file, and there is no standard to check it against", args[0])
		}
		return args[0], args[1:], err
	}
	return flag, args, standardAsPath(args, "custody standard check names one standard: without --standard, or without "+flag)
}

// standardAsPath refuses paths of which one is no file and the name of a standard.
func standardAsPath(paths []string, do string) error {
	for _, p := range paths {
		if exists(p) || strings.HasSuffix(p, ".json") {
			continue
		}
		if _, err := standards.Find(p, time.Now()); err == nil {
			return ui.Usage(do, "there is no file %s; it is the name of a standard", p)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// nothingToCheck is the problem of a draft of nothing.
func nothingToCheck(ref string) error {
	p := ui.Usage("name files or folders, or give --object TEXT for a thing without bytes", "there is nothing to hold against %s", ref)
	p.Do = append(p.Do, "custody standard show "+ref+" says what it asks for", "custody standard show "+ref+" --template > FIELDS.yaml, a file to fill in for --fields")
	return p
}
