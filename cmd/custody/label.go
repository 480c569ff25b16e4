package main

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/label"
	"example.org/custody/cmd/internal/ui"
)

// labelVerb is `custody label ITEM`.
func labelVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "label",
		Category:  groupLook,
		Usage:     "print the QR label of an item",
		ArgsUsage: "ITEM",
		UsageText: "custody label E-0017\ncustody label E-0017 --svg label.svg",
		Description: "The code holds the item's whole id, which says nothing about the item. The same is printed beside it in words, " +
			"because a code may be torn. Verbs take a scanned label wherever they take an item.",
		Flags: []cli.Flag{
			asFlag(),
			&cli.PathFlag{Name: "svg", Usage: "draw it for a printer to `FILE`, 60 mm wide"},
			forceFlag(),
		},
		Action: t.label,
	}
}

// label prints an item's label or draws it to a file.
func (t *tool) label(c *cli.Context) (err error) {
	svg := c.Path("svg")
	out := (*ui.Output)(nil)
	if svg != "" {
		if out, err = t.term.Output(svg, ui.OutputOptions{Force: c.Bool("force")}); err != nil {
			return err
		}
		defer out.Close()
	}
	return t.lookAtItem(c, func(_ *desk.Session, it *desk.Item) error {
		if out != nil {
			return t.drawLabel(out, svg, desk.LabelOf(it))
		}
		return t.showLabel(desk.LabelOf(it))
	})
}

func (t *tool) showLabel(l label.Label) error {
	return t.term.Summary("label", l, func(w io.Writer) error {
		drawn, err := l.Terminal()
		if err != nil {
			return err
		}
		lines := strings.Split(drawn, "\n")
		for i, line := range lines {
			lines[i] = ui.Clean(line) // an exhibit number is typed by people
		}
		_, err = io.WriteString(w, strings.Join(lines, "\n"))
		return err
	})
}

func (t *tool) drawLabel(out *ui.Output, path string, l label.Label) error {
	drawn, err := l.SVG()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, drawn); err != nil {
		return err
	}
	if err := out.Commit(); err != nil || path == "-" {
		return err
	}
	return t.term.Summary("label", labelFile{l, path}, func(w io.Writer) error {
		_, err := io.WriteString(w, ui.Clean(path)+"\n")
		return err
	})
}

// labelFile is a label that was drawn to a file.
type labelFile struct {
	label.Label
	File string `json:"file"`
}
