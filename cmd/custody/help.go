package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// helpVerb is `custody help`: the verbs, one verb, one problem code, or a topic.
func helpVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "help",
		Category:  groupTool,
		Usage:     "explain a verb, a problem code, or a topic",
		ArgsUsage: "[VERB|E-CODE|TOPIC…]",
		UsageText: "custody help seal\ncustody help E-DISK-FULL\ncustody help exit-codes",
		Description: "Topics: " + strings.Join(topicNames(), ", ") + ".\n\n" +
			"`custody help formats PAGE` prints a page of the specification.",
		Action: func(c *cli.Context) error { return t.help(c.Args().Slice()) },
	}
}

// helpPage is the JSON form of a page of help.
type helpPage struct {
	Topic string `json:"topic"`
	Text  string `json:"text"`
}

// help prints the page that words ask for.
func (t *tool) help(words []string) error {
	if len(words) == 0 {
		return t.showHelp(nil)
	}
	if entry, ok := ui.Lookup(ui.Code(words[0])); ok && len(words) == 1 {
		return t.page(string(entry.Code), entryPage(entry))
	}
	if topic, ok := topics[words[0]]; ok {
		text, err := topic.text(words[1:])
		if err != nil {
			return err
		}
		return t.page(strings.Join(words, " "), text)
	}
	verbs, rest, err := findVerb(t.app, words)
	if len(rest) > 0 {
		return t.unknownTopic(words, err)
	}
	return t.showHelp(verbs)
}

// unknownTopic is the problem of a word that has no page.
func (t *tool) unknownTopic(words []string, verbErr error) error {
	names := append(topicNames(), verbNames(t.app.Commands)...)
	for _, e := range ui.Entries() {
		names = append(names, string(e.Code))
	}
	word := words[0]
	if strings.HasPrefix(strings.ToUpper(word), "E-") {
		word = strings.ToUpper(word)
	}
	if near := rules.Nearest(names, word); near != "" {
		return ui.Usage("did you mean: custody help "+near+"?", "there is no help on %q", strings.Join(words, " "))
	}
	var p *ui.Problem
	if errors.As(verbErr, &p) && strings.HasPrefix(p.Do[0], "did you mean") {
		return ui.Usage(p.Do[0], "there is no help on %q", strings.Join(words, " "))
	}
	return ui.Usage("custody help lists verbs and topics", "there is no help on %q", strings.Join(words, " "))
}

// showHelp prints the help of the verb at the end of verbs, or of the tool.
func (t *tool) showHelp(verbs []*cli.Command) error {
	if len(verbs) == 0 {
		return t.page("custody", appPage(t.app))
	}
	return t.page(path(verbs), verbPage(verbs))
}

// page prints a page of help on standard output.
func (t *tool) page(topic, text string) error {
	return t.term.Summary("help", helpPage{topic, text}, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// appPage is the help of the whole tool: every verb, by group.
func appPage(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, "custody: %s\n\nUsage: custody VERB [flags] ARGUMENTS\n", app.Usage)
	for _, group := range groups {
		rows := verbRows(app.Commands, group)
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n%s\n%s", group, columns(rows))
		}
	}
	fmt.Fprintf(&b, "\nFlags of every verb\n%s", columns(flagRows(app.Flags)))
	fmt.Fprintf(&b, "\nMore: custody help VERB, custody help TOPIC with a topic of: %s\n", strings.Join(topicNames(), ", "))
	return b.String()
}

// verbPage is the help of one verb: usage, text, subverbs, flags, exit codes,
// examples.
func verbPage(verbs []*cli.Command) string {
	v := verbs[len(verbs)-1]
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nUsage: %s\n", path(verbs), v.Usage, synopsis(verbs))
	if v.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", paragraphs(v.Description))
	}
	if len(v.Subcommands) > 0 {
		fmt.Fprintf(&b, "\nVerbs\n%s", columns(verbRows(v.Subcommands, "")))
	}
	if rows := flagRows(v.Flags); len(rows) > 0 {
		fmt.Fprintf(&b, "\nFlags\n%s", columns(rows))
	}
	if v.UsageText != "" {
		b.WriteString("\nExamples\n")
		for _, example := range examples(v) {
			fmt.Fprintf(&b, "  %s\n", example)
		}
	}
	b.WriteString("\nFlags may stand anywhere on the line. custody help shows those of every verb,\n" +
		"custody help exit-codes what a script can rely on.\n")
	return b.String()
}

// synopsis is the line that shows how verbs are called.
func synopsis(verbs []*cli.Command) string {
	v := verbs[len(verbs)-1]
	s := path(verbs)
	if len(v.Subcommands) > 0 {
		s += " VERB"
	}
	for _, f := range v.Flags {
		if r, ok := f.(cli.RequiredFlag); ok && r.IsRequired() {
			s += " --" + f.Names()[0] + " " + placeholder(f)
		}
	}
	if len(v.Flags) > 0 {
		s += " [flags]"
	}
	if v.ArgsUsage != "" {
		s += " " + v.ArgsUsage
	}
	return s
}

// examples returns the example lines of a verb, which stand in its UsageText.
func examples(v *cli.Command) []string {
	return strings.Split(strings.TrimSpace(v.UsageText), "\n")
}

// verbRows lists the visible commands of a group, or of any if group is "".
func verbRows(commands []*cli.Command, group string) [][2]string {
	var rows [][2]string
	for _, c := range commands {
		if !c.Hidden && (group == "" || c.Category == group) {
			rows = append(rows, [2]string{strings.Join(c.Names(), ", "), c.Usage})
		}
	}
	return rows
}

// verbNames lists the visible commands.
func verbNames(commands []*cli.Command) []string {
	var names []string
	for _, row := range verbRows(commands, "") {
		names = append(names, row[0])
	}
	return names
}

// flagRows lists the visible flags with placeholder, default and environment
// variable.
func flagRows(flags []cli.Flag) [][2]string {
	var rows [][2]string
	for _, f := range flags {
		if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() {
			continue
		}
		rows = append(rows, [2]string{flagHead(f), flagText(f)})
	}
	return rows
}

// flagHead is "--name PLACEHOLDER, -n".
func flagHead(f cli.Flag) string {
	head := "--" + f.Names()[0]
	if takesValue(f) {
		head += " " + placeholder(f)
	}
	for _, alias := range f.Names()[1:] {
		hyphens := "--"
		if len(alias) == 1 {
			hyphens = "-"
		}
		head += ", " + hyphens + alias
	}
	return head
}

// placeholder is the word in backquotes in a flag's usage, or VALUE.
func placeholder(f cli.Flag) string {
	if d, ok := f.(cli.DocGenerationFlag); ok {
		if parts := strings.Split(d.GetUsage(), "`"); len(parts) == 3 {
			return parts[1]
		}
	}
	return "VALUE"
}

// flagText is the usage of a flag with what it is unless given.
func flagText(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	text := strings.ReplaceAll(d.GetUsage(), "`", "")
	if repeats(f) {
		text += "; may be given several times"
	}
	if preset := strings.Trim(d.GetDefaultText(), `"`); preset != "" && d.TakesValue() {
		text += " (" + preset + ")"
	}
	if r, ok := f.(cli.RequiredFlag); ok && r.IsRequired() {
		text += " (required)"
	}
	for _, env := range d.GetEnvVars() {
		text += " [" + env + "]"
	}
	return text
}
