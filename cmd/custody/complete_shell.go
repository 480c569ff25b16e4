package main

import (
	"embed"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// shellScripts are the completion scripts, one for each shell.
//
//go:embed shell
var shellScripts embed.FS

// shells lists the shells with a script, and how the script is put in place.
var shells = []struct{ name, install string }{
	{"bash", "custody completion bash > ~/.local/share/bash-completion/completions/custody"},
	{"zsh", "custody completion zsh > \"${fpath[1]}/_custody\""},
	{"fish", "custody completion fish > ~/.config/fish/completions/custody.fish"},
	{"powershell", "custody completion powershell | Out-String | Invoke-Expression"},
}

// completionVerb is `custody completion SHELL`.
func completionVerb(t *tool) *cli.Command {
	var lines []string
	for _, s := range shells {
		lines = append(lines, s.install)
	}
	return &cli.Command{
		Name:        "completion",
		Category:    groupTool,
		Usage:       "print the completion script for a shell",
		ArgsUsage:   "SHELL",
		UsageText:   strings.Join(lines, "\n"),
		Description: "SHELL is bash, zsh, fish or powershell.",
		Action:      func(c *cli.Context) error { return t.completion(c.Args().First()) },
	}
}

// completion prints the script of a shell.
func (t *tool) completion(shell string) error {
	script, err := shellScripts.ReadFile("shell/" + shell)
	if err != nil {
		return ui.Usage("custody completion bash", "there is no completion for %q; there is for bash, zsh, fish, powershell", shell)
	}
	return t.term.Summary("completion", helpPage{shell, string(script)}, func(w io.Writer) error {
		_, err := w.Write(script)
		return err
	})
}

// shellCandidates are the shells.
func shellCandidates() []candidate {
	var out []candidate
	for _, s := range shells {
		out = append(out, candidate{s.name, "completion script for " + s.name})
	}
	return out
}
