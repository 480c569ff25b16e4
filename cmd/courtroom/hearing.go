package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/report"
)

// hearing is one file, held against one trust list.
type hearing struct {
	file    io.ReaderAt
	name    string // of the file, without a folder
	list    string // name of the file that the trust list came from; may be empty
	root    verify.Trust
	verdict *verify.Verdict
	pack    *pack.Package // nil when the file is none
	hash    verify.Hasher
}

// hear verifies a file. tree leaves the plain digests as stated, like
// `custody verify --tree`. An error is the medium's: nothing was decided.
func (h *hearing) hear(ctx context.Context, size int64, tree bool, progress func(done, total int64)) (err error) {
	h.verdict, h.pack, err = verify.File(ctx, h.file, size, h.root, verify.Options{TreeOnly: tree, Hash: h.hash, Progress: progress})
	return err
}

// json returns what `custody verify --json` prints about the same file, byte for
// byte (spec/schema/verb-verify.schema.json).
func (h *hearing) json() (string, error) {
	line := struct {
		*verify.Verdict
		File string `json:"file"`
	}{h.verdict, h.name}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		return "", err
	}
	return `{"message_type":"summary","verb":"verify",` + b.String()[1:], nil
}

// options are what a report adds to the verdict.
func (h *hearing) options(language string) report.Options {
	o := report.Options{Language: language, File: h.name, List: h.list}
	if h.pack != nil {
		o.Dossier = h.pack.Dossier
	}
	if h.root.List != nil {
		o.Require = h.root.List.Require
	}
	return o
}

// listFacts is what the page shows of a trust list.
type listFacts struct {
	Version int64    `json:"version"`
	Issued  string   `json:"issued"` // RFC 3339
	Until   string   `json:"until"`  // next-update
	SHA256  string   `json:"sha256"`
	States  []string `json:"states"` // codes
}

// readList reads a trust list, or a trust file with what the list names, as the
// root of a verdict (rule P10).
func readList(b []byte, source verify.Source) (verify.Trust, error) {
	t := verify.Trust{Source: source}
	note := b
	if bytes.HasPrefix(b, []byte("{")) {
		f, err := trustlist.ParseFile(b)
		if err != nil {
			return verify.Trust{Source: verify.SourceNone}, err
		}
		note = f.Note
		for _, text := range f.Policies {
			t.Policies = append(t.Policies, text)
		}
		for _, der := range f.Certs {
			t.Certs = append(t.Certs, der)
		}
	}
	list, err := trust.Open(note, nil)
	if err != nil {
		return verify.Trust{Source: verify.SourceNone}, fmt.Errorf("%w: %w", trustlist.ErrNote, err)
	}
	t.List = list
	return t, nil
}

func factsOf(l *trust.List) listFacts {
	f := listFacts{
		Version: l.Version, Issued: l.Issued.UTC().Format(time.RFC3339), Until: l.NextUpdate.UTC().Format(time.RFC3339),
		SHA256: evidence.Hash(l.Digest()).String(),
	}
	for _, s := range l.States {
		f.States = append(f.States, s.Code)
	}
	return f
}
