// Package label makes the label of an item: a QR code and the same text for eyes.
package label

import (
	"encoding/base32"
	"fmt"
	"strings"

	"rsc.io/qr"

	"example.org/custody/evidence"
)

// Label is what is stuck on a bag: a QR code and the same text for eyes. The
// text is in the alphanumeric set of QR, which keeps the code small.
type Label struct {
	Item    evidence.ItemID `json:"item"`
	Exhibit string          `json:"exhibit,omitempty"` // the desk's own exhibit number
	Text    string          `json:"text"`              // content of the code, upper case
	Lines   []string        `json:"lines"`             // printed beside it
}

// New makes the label of an item. The whole id is in it, in base32, so
// that a scanner at the receiving desk finds the item without a look-up table.
func New(id evidence.ItemID, exhibit string, physicalSeals []string) Label {
	l := Label{Item: id, Exhibit: exhibit, Text: textOf(id), Lines: []string{"CUSTODY ITEM " + id.Short()}}
	if exhibit != "" {
		l.Lines = append(l.Lines, "EXHIBIT "+exhibit)
	}
	if len(physicalSeals) > 0 {
		l.Lines = append(l.Lines, "PHYSICAL SEAL "+strings.Join(physicalSeals, ", "))
	}
	return l
}

const prefix = "CUSTODY1:"

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

func textOf(id evidence.ItemID) string { return prefix + encoding.EncodeToString(id[:]) }

// Parse reads the text of a label's code back into the item it names.
func Parse(text string) (evidence.ItemID, error) {
	b, err := encoding.DecodeString(strings.TrimPrefix(text, prefix))
	if err != nil || len(b) != len(evidence.ItemID{}) || textOf(evidence.ItemID(b)) != text {
		return evidence.ItemID{}, fmt.Errorf("%.80q is not the text of a label", text)
	}
	return evidence.ItemID(b), nil
}

// quiet is the white border a QR code needs, in modules (ISO/IEC 18004 §9.1).
const quiet = 4

// SVG draws the label, 60 mm wide; one module of the code is 0.6 mm.
func (l Label) SVG() (string, error) {
	code, err := qr.Encode(l.Text, qr.Q)
	if err != nil {
		return "", err
	}
	side := code.Size + 2*quiet
	const module = 0.6
	var b strings.Builder
	height := float64(side)*module + 5*float64(len(l.Lines)) + 2
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="60mm" height="%.1fmm" viewBox="0 0 60 %.1f" role="img" aria-label="Label of item %s">`, height, height, l.Item.Short())
	fmt.Fprintf(&b, `<rect width="60" height="%.1f" fill="#fff"/><g transform="translate(%.2f 0) scale(%.1f)">`, height, (60-float64(side)*module)/2, module)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, `<path d="M%d %dh1v1h-1z"/>`, x+quiet, y+quiet)
			}
		}
	}
	b.WriteString("</g>")
	for i, line := range l.Lines {
		fmt.Fprintf(&b, `<text x="30" y="%.1f" font-family="monospace" font-size="3.4" text-anchor="middle">%s</text>`,
			float64(side)*module+5*float64(i)+3, escapeXML(line))
	}
	b.WriteString("</svg>\n")
	return b.String(), nil
}

// Terminal draws the code with half blocks, for a screen or a receipt printer.
func (l Label) Terminal() (string, error) {
	code, err := qr.Encode(l.Text, qr.Q)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for y := -2; y < code.Size+2; y += 2 {
		for x := -2; x < code.Size+2; x++ {
			// A terminal is dark: what is white on paper is drawn.
			top, bottom := !code.Black(x, y), !code.Black(x, y+1)
			b.WriteString(map[[2]bool]string{{true, true}: "█", {true, false}: "▀", {false, true}: "▄", {false, false}: " "}[[2]bool{top, bottom}])
		}
		b.WriteByte('\n')
	}
	return b.String() + strings.Join(l.Lines, "\n") + "\n", nil
}

func escapeXML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
