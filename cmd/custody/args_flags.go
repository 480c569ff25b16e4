package main

import (
	"os"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// arity returns for every flag name of the tree whether it takes a value. A name
// means one thing in the whole tool, so flags can be told from values before the
// verb is known; a test checks it.
func arity(app *cli.App) map[string]bool {
	takes := make(map[string]bool)
	add := func(flags []cli.Flag) {
		for _, f := range flags {
			for _, name := range f.Names() {
				takes[name] = takesValue(f)
			}
		}
	}
	add(app.Flags)
	walk(app.Commands, func(path []*cli.Command) { add(path[len(path)-1].Flags) })
	return takes
}

// walk calls visit for every command of the tree, parents first, with the path
// that leads to it.
func walk(commands []*cli.Command, visit func(path []*cli.Command), above ...*cli.Command) {
	for _, c := range commands {
		path := append(append([]*cli.Command(nil), above...), c)
		visit(path)
		walk(c.Subcommands, visit, path...)
	}
}

// takesValue reports whether f is followed by a value.
func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

// repeats reports whether f may be given several times, each time adding.
func repeats(f cli.Flag) bool {
	s, ok := f.(cli.DocGenerationSliceFlag)
	return ok && s.IsSliceFlag()
}

// flagNamed returns the flag of that name or alias, or nil.
func flagNamed(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

// place gives each flag to the verb that has it, deepest first, or to the tool.
// The first error is returned; the rest are still placed.
func (l *line) place(app *cli.App, flags []flagWord) (first error) {
	seen := make(map[cli.Flag]flagWord)
	for _, f := range flags {
		if err := l.placeOne(app, f, seen); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// placeOne places one flag. seen remembers those that came before.
func (l *line) placeOne(app *cli.App, f flagWord, seen map[cli.Flag]flagWord) error {
	if l.answersItself(f) {
		return nil
	}
	known := l.find(app, f)
	if known == nil {
		return l.unknownFlag(app, f)
	}
	if f.missing {
		return ui.Usage(helpHint(l.verbs), "%s needs a value; one that begins with a hyphen is written %s=-…", f.shown(), f.shown())
	}
	before, again := seen[known]
	if again && !repeats(known) && before.value != f.value {
		return ui.Usage("give it once", "%s is given twice with different values, %q and %q", f.shown(), before.value, f.value)
	}
	seen[known] = f
	return nil
}

// answersItself takes --help and --version, which no verb declares.
func (l *line) answersItself(f flagWord) bool {
	switch {
	case f.hasValue:
		return false
	case f.name == "help" || f.name == "h":
		l.help = true
	case f.name == "version":
		l.version = true
	default:
		return false
	}
	return true
}

// find returns the flag that f means and files f where it belongs.
func (l *line) find(app *cli.App, f flagWord) cli.Flag {
	for i := len(l.verbs) - 1; i >= 0; i-- {
		if known := flagNamed(l.verbs[i].Flags, f.name); known != nil {
			f.name = known.Names()[0]
			l.flags[i] = append(l.flags[i], f)
			return known
		}
	}
	known := flagNamed(app.Flags, f.name)
	if known != nil {
		f.name = known.Names()[0]
		l.global = append(l.global, f)
	}
	return known
}

// unknownFlag is the problem of a flag that this verb does not have, with the
// nearest that it has.
func (l *line) unknownFlag(app *cli.App, f flagWord) error {
	names := []string{"help", "version"}
	for _, v := range append([]*cli.Command{{Flags: app.Flags}}, l.verbs...) {
		for _, known := range v.Flags {
			names = append(names, known.Names()...)
		}
	}
	if near := rules.Nearest(names, f.name); near != "" {
		return ui.Usage("did you mean --"+near+"?", "%s has no flag %s", path(l.verbs), f.shown())
	}
	return ui.Usage(helpHint(l.verbs), "%s has no flag %s; an argument that begins with a hyphen stands after --", path(l.verbs), f.shown())
}

// checkRequired finds required flags that neither line nor environment gives.
func (l *line) checkRequired(leaf *cli.Command) error {
	var missing []string
	for _, f := range leaf.Flags {
		if r, ok := f.(cli.RequiredFlag); !ok || !r.IsRequired() || l.gives(f) {
			continue
		}
		missing = append(missing, "--"+f.Names()[0])
	}
	if len(missing) == 0 {
		return nil
	}
	return ui.Usage(helpHint(l.verbs), "%s needs %s", path(l.verbs), strings.Join(missing, " and "))
}

// gives reports whether the line or the environment sets f.
func (l *line) gives(f cli.Flag) bool {
	for _, given := range l.flags[len(l.flags)-1] {
		if given.name == f.Names()[0] {
			return true
		}
	}
	if d, ok := f.(cli.DocGenerationFlag); ok {
		for _, env := range d.GetEnvVars() {
			if os.Getenv(env) != "" {
				return true
			}
		}
	}
	return false
}

// singleHyphen finds the flag in an error text of package flag.
var singleHyphen = regexp.MustCompile(` -([a-z][a-z-]*)`)

// flagErrorText returns the text of an error of urfave/cli or package flag as
// this tool would say it.
func flagErrorText(err error) string {
	return singleHyphen.ReplaceAllString(strings.TrimSuffix(err.Error(), ": parse error"), " --$1")
}
