package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// The line of arguments in a verb's help is also what checks them: NAME is one
// argument, [NAME] none or one, NAME… one or more, [NAME…] any number.

// argCount returns how many arguments a verb with this ArgsUsage takes; most is
// below 0 if there is no limit.
func argCount(usage string) (least, most int) {
	for _, word := range strings.Fields(usage) {
		optional := strings.HasPrefix(word, "[")
		if !optional {
			least++
		}
		if strings.Contains(word, "…") {
			most = -1
		} else if most >= 0 {
			most++
		}
	}
	return least, most
}

// checkArgs compares the number of arguments with what the verb says it takes.
func (l line) checkArgs(leaf *cli.Command) error {
	least, most := argCount(leaf.ArgsUsage)
	switch n := len(l.args); {
	case n < least:
		return ui.Usage(helpHint(l.verbs), "%s needs %s", path(l.verbs), leaf.ArgsUsage)
	case most == 0 && n > 0:
		return ui.Usage(helpHint(l.verbs), "%s takes no argument, and %q is one", path(l.verbs), l.args[0])
	case most > 0 && n > most:
		return ui.Usage(helpHint(l.verbs), "%s takes %s, and %q is one too many", path(l.verbs), leaf.ArgsUsage, l.args[most])
	}
	return nil
}
