package trillianlog

import _ "embed"

// Guide is README.md, for those who run the servers: Markdown, in English.
//
//go:embed README.md
var Guide string
