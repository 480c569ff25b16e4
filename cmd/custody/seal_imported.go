package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/intake"
)

// importFields answers fields that a person left open with what the files say of
// themselves, and says which, and what did not fit.
func (t *tool) importFields(in *desk.Sealing, chosen *standards.Choice, given map[string]any) ([]intake.Kept, error) {
	imported, err := standards.Import(chosen.Pack, given, append(append([]string{}, in.Paths...), in.Photos...))
	if err != nil {
		return nil, err
	}
	for _, name := range imported.Taken {
		t.term.Say("%s is taken from the files", name)
	}
	for _, n := range imported.Notes {
		t.term.Say("%s: %s", ui.Name(n.File), n.Text)
	}
	return imported.Kept, nil
}
