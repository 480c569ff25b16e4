package s3

import _ "embed"

// Guide is README.md, for those who run a bucket: Markdown, in English.
//
//go:embed README.md
var Guide string
