package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// urfave/cli v2 stops reading flags at the first argument and drops the rest in
// silence (https://github.com/urfave/cli/issues/1177), so that
// `seal disk.e01 --dry-run` would seal in earnest. In a ledger that cannot be
// undone. So a command line is taken apart here and put together again with
// every flag before the arguments; nothing that looks like a flag is left over.

// line is a command line taken apart.
type line struct {
	verbs         []*cli.Command // the verb and its subverbs
	global        []flagWord     // flags of the tool itself
	flags         [][]flagWord   // flags of each of verbs
	args          []string       // what is left: the arguments
	help, version bool           // asked for, and answered without running the verb
}

// flagWord is one flag of a command line.
type flagWord struct {
	name     string // without hyphens
	value    string
	hasValue bool
	missing  bool // it takes a value and none stood there
}

// String returns the flag in the form that cannot be read in two ways.
func (f flagWord) String() string {
	if f.hasValue {
		return "--" + f.name + "=" + f.value
	}
	return "--" + f.name
}

// shown returns the flag as a person types it, without its value.
func (f flagWord) shown() string {
	if len(f.name) == 1 {
		return "-" + f.name
	}
	return "--" + f.name
}

// argv returns the line in the order urfave/cli needs, behind the name of the
// program.
func (l line) argv(program string) []string {
	out := []string{program}
	for _, f := range l.global {
		out = append(out, f.String())
	}
	for i, v := range l.verbs {
		out = append(out, v.Name)
		for _, f := range l.flags[i] {
			out = append(out, f.String())
		}
	}
	if len(l.args) > 0 {
		out = append(out, "--")
		out = append(out, l.args...)
	}
	return out
}

// asksJSON reports whether --json is on the line, valid or not otherwise.
func (l line) asksJSON() bool {
	for _, f := range l.global {
		if f.name == "json" {
			on, err := strconv.ParseBool(f.value)
			return !f.hasValue || err == nil && on
		}
	}
	return false
}

// arrange takes args, without the name of the program, apart along the command
// tree of app and checks what can be checked before any value is parsed: the
// verb, each flag, required flags, the number of arguments. Its errors are usage
// problems; the line is filled as far as it was understood.
func arrange(app *cli.App, args []string) (line, error) {
	words, flags, literal := split(args, arity(app))
	var l line
	var verbErr error
	l.verbs, words, verbErr = findVerb(app, words)
	l.flags = make([][]flagWord, len(l.verbs))
	l.args = append(words, literal...)
	flagErr := l.place(app, flags)
	switch {
	case verbErr != nil && !l.excused():
		return l, verbErr
	case l.help || l.version:
		return l, nil
	case flagErr != nil:
		return l, flagErr
	}
	leaf := l.verbs[len(l.verbs)-1]
	if err := l.checkRequired(leaf); err != nil {
		return l, err
	}
	return l, l.checkArgs(leaf)
}

// excused reports whether a missing verb does not matter: bare --help and
// --version, and --help of a verb with subverbs.
func (l line) excused() bool {
	return len(l.args) == 0 && (l.help || l.version)
}

// split parts args into words, flags, and what stands after "--". takesValue
// says for every flag of the tree whether the next word belongs to it; an
// unknown flag is taken to have none.
func split(args []string, takesValue map[string]bool) (words []string, flags []flagWord, literal []string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return words, flags, args[i+1:]
		}
		if !looksLikeFlag(a) {
			words = append(words, a)
			continue
		}
		f := parseFlag(a)
		if takesValue[f.name] && !f.hasValue {
			// A value that looks like a flag is a flag whose neighbour lost its
			// value: taking it would swallow a --dry-run.
			if f.missing = i+1 == len(args) || looksLikeFlag(args[i+1]) || args[i+1] == "--"; !f.missing {
				i++
				f.value, f.hasValue = args[i], true
			}
		}
		flags = append(flags, f)
	}
	return words, flags, nil
}

// looksLikeFlag reports whether a begins like a flag: a hyphen and more, but
// not a negative number or duration. "-" alone is standard input or output.
func looksLikeFlag(a string) bool {
	if len(a) < 2 || a[0] != '-' {
		return false
	}
	_, number := strconv.ParseFloat(a, 64)
	_, duration := time.ParseDuration(a)
	return number != nil && duration != nil
}

// parseFlag reads "-name", "--name" and both with "=value".
func parseFlag(a string) flagWord {
	name, value, has := strings.Cut(a[1:], "=")
	return flagWord{name: strings.TrimPrefix(name, "-"), value: value, hasValue: has}
}

// findVerb follows words down the tree and returns the verbs and the words left.
func findVerb(app *cli.App, words []string) (verbs []*cli.Command, rest []string, err error) {
	level := app.Commands
	for len(level) > 0 {
		if len(words) == 0 {
			return verbs, nil, noVerb(verbs, level)
		}
		next := byName(level, words[0])
		if next == nil {
			return verbs, words, unknownVerb(verbs, level, words[0])
		}
		verbs, words, level = append(verbs, next), words[1:], next.Subcommands
	}
	return verbs, words, nil
}

// byName returns the command of that name or alias, or nil.
func byName(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// noVerb is the problem of a line that names no verb, or no subverb.
func noVerb(verbs, level []*cli.Command) error {
	if len(verbs) == 0 {
		return &ui.Problem{Code: ui.CodeUsage, What: "no verb was given",
			Do: []string{"custody help lists the verbs", "custody tour shows the whole story on a sample"}}
	}
	var names []string
	for _, c := range level {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return ui.Usage(helpHint(verbs), "%s needs one of: %s", path(verbs), strings.Join(names, ", "))
}

// unknownVerb is the problem of a verb that does not exist, with the nearest
// that does.
func unknownVerb(verbs, level []*cli.Command, word string) error {
	if near := nearestVerb(level, word); near != "" {
		return ui.Usage("did you mean: "+path(verbs)+" "+near+"?", "%q is not a verb of %s", word, path(verbs))
	}
	return ui.Usage(helpHint(verbs), "%q is not a verb of %s", word, path(verbs))
}

// path returns the verbs as a person types them: "custody request new".
func path(verbs []*cli.Command) string {
	p := "custody"
	for _, v := range verbs {
		p += " " + v.Name
	}
	return p
}

// helpHint returns the command that explains the verbs.
func helpHint(verbs []*cli.Command) string {
	return strings.Replace(path(verbs), "custody", "custody help", 1)
}
