// Package spec is the formats of Custody, carried inside every program that
// reads or writes them: the pages in words, the JSON schemas, and the vectors,
// inputs with the answer expected. It holds no code. Start with README.md.
package spec

import "embed"

// Pages holds the format pages, *.md, at its root.
//
//go:embed *.md
var Pages embed.FS

// OpenAPI is the node's HTTP interface (node.md), OpenAPI 3.1.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Schemas holds one JSON schema (draft 2020-12) for each format, as
// schema/<format>.schema.json.
//
//go:embed schema
var Schemas embed.FS

// Vectors holds txtar files, as vectors/<format>-<case>.txtar. The comment of
// each has a line "expect: holds", "expect: fails:<check>" or
// "expect: undecided:<check>".
//
//go:embed vectors
var Vectors embed.FS

// Languages holds the words of reports, one file for each language, as
// lang/<code>.json (lang/README.md), and the translations of standards, as
// lang/standards/<id>-<version>.<code>.json (standards.md).
//
//go:embed lang/*.json lang/standards/*.json
var Languages embed.FS

// Standards holds rule packs for collection, as
// standards/<id>-<version>.json (standards.md).
//
//go:embed standards/*.json
var Standards embed.FS

// Instruments holds what requests rest on, as instruments/README.md says:
// instruments, their forms, the words around these on paper, what is known of the
// states bound, calendars of public holidays, and time zones.
//
//go:embed instruments/*.json instruments/calendars/*.json instruments/forms/*.json instruments/paper/*.json instruments/parties/*.json instruments/zoneinfo
var Instruments embed.FS

// Certificates holds the statements that a court asks a person to make, as
// certificates/<id>-<version>.json (certificates/README.md).
//
//go:embed certificates/*.json
var Certificates embed.FS
