package report

import (
	"io"

	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// Explain writes every hash step.
func Explain(w io.Writer, d *pack.Dossier, t verify.Trust) error { return nil }
