package main

import (
	"fmt"
	"slices"
	"strings"

	"example.org/custody/cmd/internal/ui"
)

// topic is a page of help that is not about a verb. text gets the words after
// the name of the topic.
type topic struct {
	usage string
	text  func(words []string) (string, error)
}

// topics are found by `custody help NAME`.
var topics = map[string]topic{
	"exit-codes":  {"what a script can rely on", alone(exitCodesPage)},
	"environment": {"the variables the tool reads", alone(environmentPage)},
	"terms":       {"one word per thing", alone(termsPage)},
	"formats":     {"the files, and the pages that fix them", formatsPage},
	"problems":    {"every problem code", alone(problemsPage)},
}

// topicNames lists the topics in alphabetical order.
func topicNames() []string {
	var names []string
	for n := range topics {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// alone is a page that takes no further word.
func alone(text func() string) func([]string) (string, error) {
	return func(words []string) (string, error) {
		if len(words) > 0 {
			return "", ui.Usage("custody help", "there is no help on %q under this topic", strings.Join(words, " "))
		}
		return text(), nil
	}
}

func exitCodesPage() string {
	var rows [][2]string
	for _, m := range ui.ExitMeanings() {
		rows = append(rows, [2]string{fmt.Sprintf("%3d  %s", m.Code, m.Word), m.Text})
	}
	return "Exit codes\n\n" + columns(rows) + `
A script treats a code it does not know as failure. The reason in finer grain is
the problem's code: the member "code" of the exit_error line that --json ends
with on standard error. custody help problems lists them.
`
}

// variable is one line of the environment page.
type variable struct{ name, text string }

// variables are the environment variables that the tool reads. A test finds
// every CUSTODY_ name in the source here.
var variables = []variable{
	{"CUSTODY_HOME", "the folder of the desk; --home wins"},
	{"CUSTODY_NODE", "the address of the node that keeps the desk's ledger; --node wins"},
	{"CUSTODY_OFFICER", "the officer who acts, when the desk has several; --as wins"},
	{ui.PassphraseVariable, "a command that prints the passphrase on its first line; run without a shell, words parted by spaces, '…' and \"…\" keep words together; --passphrase-fd wins"},
	{"CUSTODY_PASSPHRASE_NAME", "set for that command: which passphrase is wanted"},
	{ui.ProgressVariable, "time between status lines where there is no terminal: 30s, 5m, seconds, or off (30s)"},
	{"NO_COLOR", "no colour if it is not empty; --color=always wins"},
	{"TERM", "no colour and no bar if it is dumb"},
}

func environmentPage() string {
	var rows [][2]string
	for _, v := range variables {
		rows = append(rows, [2]string{v.name, v.text})
	}
	return "Environment\n\n" + columns(rows) + `
A flag wins over a variable, a variable over the desk's settings. No secret is
ever read from a variable: other programs of the same user can see those.
On Unix, SIGUSR1 makes a running command print how far it is.
`
}

func termsPage() string {
	return "Terms: one word per thing, in commands, files and documents alike\n\n" +
		columns(tableRows(section(specPage("README"), "## Words")))
}

// formatsPage lists the pages of the specification, or prints one.
func formatsPage(words []string) (string, error) {
	if len(words) == 0 {
		return "Formats: what is written, and where it is fixed\n\n" +
			columns(tableRows(section(specPage("README"), "## In reading order"))) +
			"\n" + wrap("custody help formats PAGE prints one of: "+strings.Join(formatPages(), ", "), lineWidth, "") + "\n", nil
	}
	name := strings.TrimSuffix(words[0], ".md")
	if len(words) > 1 || !slices.Contains(formatPages(), name) {
		return "", ui.Usage("custody help formats lists the pages", "there is no format page %q", strings.Join(words, " "))
	}
	return specPage(name), nil
}

func problemsPage() string {
	var rows [][2]string
	for _, e := range ui.Entries() {
		rows = append(rows, [2]string{string(e.Code), fmt.Sprintf("%s (exit %d)", e.Title, e.Exit())})
	}
	return "Problem codes\n\n" + columns(rows) + "\ncustody help E-… explains one.\n"
}

// entryPage explains one problem code.
func entryPage(e ui.Entry) string {
	var b strings.Builder
	const head = 7 // of "means: "
	indent := strings.Repeat(" ", head)
	fmt.Fprintf(&b, "%s: %s (exit code %d)\n\nmeans: %s\n", e.Code, e.Title, e.Exit(), wrap(e.Means, lineWidth-head, indent))
	for _, do := range e.Do {
		fmt.Fprintf(&b, "do:    %s\n", wrap(do, lineWidth-head, indent))
	}
	if e.About != "" {
		fmt.Fprintf(&b, "\n%s\n", paragraphs(e.About))
	}
	return b.String()
}

// section returns the part of a Markdown page under a heading, up to the next
// heading of the same level.
func section(page, heading string) string {
	_, rest, ok := strings.Cut(page, heading+"\n")
	if !ok {
		panic("internal error: no section " + heading)
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}
