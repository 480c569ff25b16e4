package desk

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/keyfile"
	"example.org/custody/spec"
)

// schemas compiles every schema, so that one may refer to another by its $id.
func schemas(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	names, err := fs.Glob(spec.Schemas, "schema/*.schema.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	for _, name := range names {
		b, err := spec.Schemas.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		id, _ := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return c
}

// fits returns why b is not what the schema of a format allows.
func fits(t *testing.T, c *jsonschema.Compiler, format string, b []byte) error {
	t.Helper()
	s, err := c.Compile("custody:" + format)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// silent is progress that nobody sees.
// toured returns sessions at the two desks that a tour leaves, and its folder.
func toured(t *testing.T) (sessions []*Session, dir string) {
	t.Helper()
	dir = filepath.Join(ledgertest.Folder(t), "tour")
	out, err := Tour(t.Context(), Touring{Dir: dir, Daemon: Daemon(t), Progress: progress.None{}, Say: func(string, string) {},
		Report: anyReport})
	if err != nil {
		t.Fatal(err)
	}
	for _, home := range out.Homes {
		h, err := Open(home)
		if err != nil {
			t.Fatal(err)
		}
		alias, err := h.Officer("")
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.Unlock(t.Context(), alias, out.Passphrase)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(s.Close(), h.Close()); err != nil {
				t.Error(err)
			}
		})
		sessions = append(sessions, s)
	}
	return sessions, dir
}

// TestFormatsAsWritten: what a desk writes fits the schemas, file by file.
func TestFormatsAsWritten(t *testing.T) {
	c := schemas(t)
	sessions, dir := toured(t)
	seen := map[string]int{}
	check := func(format string, b []byte) {
		t.Helper()
		seen[format]++
		if err := fits(t, c, format, b); err != nil {
			t.Errorf("%s: %v\n%.300s", format, err, b)
		}
	}
	for _, s := range sessions {
		homeFiles(t, s, check)
	}
	handoffFiles(t, sessions, filepath.Join(dir, "handoff"), check, OfferFile, AnswerFile, ReceiptFile)
	handoffFiles(t, sessions, filepath.Join(dir, "told"), check, HistoryFile)
	for _, format := range []string{"home", "home-state", "home-body", "home-queue", "home-index", "home-dossier", "home-backup",
		"handoff-offer", "handoff-answer", "handoff-receipt", "handoff-history"} {
		if seen[format] == 0 {
			t.Errorf("no %s was written", format)
		}
	}
}

// homeFiles hands every JSON file of a home to check, with the name of its format.
func homeFiles(t *testing.T, s *Session, check func(format string, b []byte)) {
	t.Helper()
	plain := func(name string) []byte { b, err := input.Read(s.path(name), maxSmall); noError(t, err); return b }
	check("home", plain("custody.json"))
	noError(t, s.NoteBackup(s.Now()))
	check("home-state", plain("state.json"))
	check("home-backup", manifestOf(t, s))
	secrets := func(pattern, kind, format string) {
		found, err := filepath.Glob(s.path(filepath.FromSlash(pattern)))
		noError(t, err)
		for _, path := range found {
			b, err := keyfile.OpenSecret(path, kind, s.vaultID)
			noError(t, err)
			check(format, b)
		}
	}
	secrets("index/*.age", secretIndex, "home-index")
	secrets("notes/*.age", secretDossier, "home-dossier")
	for _, e := range storedEntries(t, s) {
		raw, err := e.Body.marshal()
		noError(t, err)
		check("home-body", raw)
		erase := &erasure{Item: e.Event.Item, Order: "order 5/2026", Events: []erasedEvent{}, Files: []evidence.FileValue{}, Said: map[string][]string{}}
		noError(t, erase.addEvent(e, erase.Order))
		name, err := s.enqueue([]*Entry{e}, erase)
		noError(t, err)
		secrets("queue/*.age", secretQueue, "home-queue")
		noError(t, s.dequeue(name))
	}
}

// storedEntries returns every event whose body is in the vault.
func storedEntries(t *testing.T, s *Session) (all []*Entry) {
	t.Helper()
	items, err := s.keeper.items(t.Context())
	noError(t, err)
	for _, id := range items {
		bodies, err := s.keeper.bodies(t.Context(), id)
		noError(t, err)
		for _, raw := range bodies {
			e, err := parseBody(raw)
			noError(t, err)
			all = append(all, e)
		}
	}
	return all
}

// manifestOf makes a backup and returns its last entry.
func manifestOf(t *testing.T, s *Session) []byte {
	t.Helper()
	var backup bytes.Buffer
	_, err := s.Backup(&backup, progress.None{})
	noError(t, err)
	for r := tar.NewReader(&backup); ; {
		h, err := r.Next()
		noError(t, err)
		if h.Name == "MANIFEST.json" {
			b, err := io.ReadAll(r)
			noError(t, err)
			return b
		}
	}
}

// handoffFiles opens each of the files at the desk it is for.
func handoffFiles(t *testing.T, sessions []*Session, dir string, check func(format string, b []byte), names ...string) {
	t.Helper()
	for _, name := range names {
		readers := 0
		for _, s := range sessions {
			format, b, err := s.openHandoff(filepath.Join(dir, name))
			if errors.Is(err, ErrNotForUs) {
				continue
			}
			noError(t, err)
			readers++
			check("handoff-"+strings.Split(format, "/")[1], b)
		}
		if readers != 1 {
			t.Errorf("%s can be read at %d desks", name, readers)
		}
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
