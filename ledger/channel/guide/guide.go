// Package guide is the page for those who run the states' channel. It is a package of its
// own so that a program can print the page without linking a library of Fabric's.
package guide

import _ "embed"

// Text is README.md: Markdown, in English.
//
//go:embed README.md
var Text string
