package main

import (
	_ "embed"
	"path"
	"regexp"
	"strings"

	"example.org/custody/evidence/store/s3"
	"example.org/custody/ledger/channel/guide"
	"example.org/custody/ledger/trillianlog"
)

//go:embed README.md
var nodeGuide string

// page is what whoever runs a part of a state's node needs to know.
type page struct {
	name string // behind "help deploy"; empty: the node itself
	file string // in the source
	text string // Markdown
}

// pages are all of them; the first is the node's.
var pages = []page{
	{"", "cmd/custodyd/README.md", nodeGuide},
	{"trillian", "ledger/trillianlog/README.md", trillianlog.Guide},
	{"bucket", "evidence/store/s3/README.md", s3.Guide},
	{"channel", "ledger/channel/guide/README.md", guide.Text},
}

// pageNames are the words that "help deploy" takes.
func pageNames() (names []string) {
	for _, p := range pages[1:] {
		names = append(names, p.name)
	}
	return names
}

// pageOf returns the page of a name.
func pageOf(name string) (page, bool) {
	for _, p := range pages {
		if p.name == name {
			return p, true
		}
	}
	return page{}, false
}

// link is one of Markdown's, with its words and its target.
var link = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)

// plain is the page for a screen, where no link leads anywhere: another page is named by
// the command that prints it, an address is written out, and of a file of the source the
// words stay.
func (p page) plain() string {
	return link.ReplaceAllStringFunc(p.text, func(l string) string {
		m := link.FindStringSubmatch(l)
		words, target := m[1], m[2]
		if strings.Contains(target, "://") {
			return words + " (" + target + ")"
		}
		to := path.Join(path.Dir(p.file), target)
		for _, other := range pages {
			if other.file == to {
				return words + " (`" + other.command() + "`)"
			}
		}
		return words
	})
}

// command is what prints the page.
func (p page) command() string { return strings.TrimSpace("custodyd help deploy " + p.name) }
