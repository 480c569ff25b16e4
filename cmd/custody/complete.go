package main

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// completeVerb is what the scripts of `custody completion` call on each press of
// the key: the words of the line so far, the one under the cursor last. It
// prints one candidate a line, with a tab and its help, or nothing, and then the
// shell offers files. Nothing of the line is ever evaluated.
func completeVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "__complete",
		Hidden:    true,
		Usage:     "print the candidates for the last of WORDS",
		ArgsUsage: "[WORD…]",
		Action: func(c *cli.Context) error {
			var b strings.Builder
			for _, k := range t.complete(c.Args().Slice()) {
				b.WriteString(k.word + "\t" + k.text + "\n")
			}
			_, err := io.WriteString(t.term.Out(), b.String())
			return err
		},
	}
}

// candidate is a word that can stand at the cursor.
type candidate struct{ word, text string }

// complete returns what the last of words can become.
func (t *tool) complete(words []string) []candidate {
	if len(words) == 0 {
		words = []string{""}
	}
	before, last := words[:len(words)-1], words[len(words)-1]
	plain, flags, literal := split(before, arity(t.app))
	if literal != nil {
		return nil
	}
	verbs, rest, _ := findVerb(t.app, plain)
	if n := len(flags); n > 0 && flags[n-1].missing {
		return thatBegin(t.values(verbs, flags[n-1].name), "", last)
	}
	if name, value, ok := strings.Cut(last, "="); ok && looksLikeFlag(last) {
		return thatBegin(t.values(verbs, strings.TrimLeft(name, "-")), name+"=", value)
	}
	if strings.HasPrefix(last, "-") {
		return thatBegin(t.flagCandidates(verbs), "", last)
	}
	return thatBegin(t.wordCandidates(verbs, rest), "", last)
}

// thatBegin returns the candidates that begin with start, head put before them.
func thatBegin(all []candidate, head, start string) []candidate {
	var out []candidate
	for _, c := range all {
		if strings.HasPrefix(c.word, start) {
			out = append(out, candidate{head + c.word, c.text})
		}
	}
	return out
}

// wordCandidates are the verbs of the next level, or what a verb of ours takes.
func (t *tool) wordCandidates(verbs []*cli.Command, rest []string) []candidate {
	level := t.app.Commands
	if len(verbs) > 0 {
		level = verbs[len(verbs)-1].Subcommands
	}
	if len(level) > 0 {
		if len(rest) > 0 {
			return nil
		}
		return verbCandidates(level)
	}
	switch {
	case verbs[0].Name == "completion" && len(rest) == 0:
		return shellCandidates()
	case verbs[0].Name == "help":
		return t.helpCandidates(rest)
	}
	return nil
}

// verbCandidates are the visible verbs of a level.
func verbCandidates(level []*cli.Command) []candidate {
	var out []candidate
	for _, row := range verbRows(level, "") {
		out = append(out, candidate{strings.Split(row[0], ", ")[0], row[1]})
	}
	return out
}

// helpCandidates are what `custody help` explains.
func (t *tool) helpCandidates(words []string) []candidate {
	if len(words) == 1 && words[0] == "formats" {
		var out []candidate
		for _, page := range formatPages() {
			out = append(out, candidate{page, "format page"})
		}
		return out
	}
	verbs, rest, _ := findVerb(t.app, words)
	if len(verbs) > 0 && len(rest) == 0 {
		return verbCandidates(verbs[len(verbs)-1].Subcommands)
	}
	if len(words) > 0 {
		return nil
	}
	out := verbCandidates(t.app.Commands)
	for _, name := range topicNames() {
		out = append(out, candidate{name, topics[name].usage})
	}
	for _, e := range ui.Entries() {
		out = append(out, candidate{string(e.Code), e.Title})
	}
	return out
}

// flagCandidates are the flags of the verbs, then of the tool.
func (t *tool) flagCandidates(verbs []*cli.Command) []candidate {
	var out []candidate
	for i := len(verbs) - 1; i >= 0; i-- {
		out = append(out, flagWords(verbs[i].Flags)...)
	}
	return append(append(out, flagWords(t.app.Flags)...), candidate{"--help", "explain the verb"})
}

// flagWords are the long forms of the visible flags.
func flagWords(flags []cli.Flag) []candidate {
	var out []candidate
	for _, row := range flagRows(flags) {
		head, _, _ := strings.Cut(row[0], ",")
		out = append(out, candidate{strings.Fields(head)[0], row[1]})
	}
	return out
}

// values are the words that the flag called name takes, if it takes a few.
func (t *tool) values(verbs []*cli.Command, name string) []candidate {
	f := flagNamed(t.app.Flags, name)
	for _, v := range verbs {
		if own := flagNamed(v.Flags, name); own != nil {
			f = own
		}
	}
	g, ok := f.(*cli.GenericFlag)
	if !ok {
		return nil
	}
	var out []candidate
	if c, ok := g.Value.(*choice); ok {
		for _, word := range c.allowed {
			out = append(out, candidate{word, ""})
		}
	}
	return out
}
