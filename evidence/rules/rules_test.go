package rules

import (
	"io/fs"
	"path"
	"testing"

	"example.org/custody/spec"
)

// Every pack that the program carries is read, and refused with its line if not.
func TestBuiltinPacksCompile(t *testing.T) {
	l := NewLibrary()
	files, err := fs.Glob(spec.Standards, "standards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no packs", err)
	}
	for _, f := range files {
		s, err := l.AddFile(spec.Standards, f, spec.Languages, "lang/standards")
		if err != nil {
			t.Errorf("%v", err)
		} else if path.Base(f) != s.FileName() {
			t.Errorf("%s is the file of %s", f, s.Name())
		}
	}
	for _, s := range l.Named("") {
		p, err := l.Pack(s.Digest())
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		t.Logf("%s: %d fields, %d rules", s.Name(), len(p.fields), len(p.rules))
	}
}
