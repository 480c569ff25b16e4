package clock_test

import (
	"bytes"
	"io/fs"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
)

// What the program carries is as its schemas say.
func TestDataKeepsItsSchemas(t *testing.T) {
	for pattern, name := range map[string]string{"instruments/calendars/*.json": "calendar", "instruments/zones-*.json": "zones"} {
		s := spectest.Schema(t, name)
		files, err := fs.Glob(spec.Instruments, pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			b, err := spec.Instruments.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
			if err == nil {
				err = s.Validate(doc)
			}
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
