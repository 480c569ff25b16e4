package desk

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
)

// sample is what the tour seals when it is given nothing: drawn photographs, a
// document and a table, about nothing that exists (sample/generate.go).
//
//go:embed sample/*.jpg sample/report.pdf sample/inventory.csv
var sample embed.FS

// writeSample writes the sample to a new folder.
func writeSample(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	names, err := fs.Glob(sample, "sample/*")
	if err != nil {
		return err
	}
	for _, name := range names {
		b, err := sample.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}
