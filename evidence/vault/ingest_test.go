package vault_test

import (
	"testing"

	"example.org/custody/evidence"
)

// sample is a folder with files around every limit.
func sample() map[string][]byte {
	files := map[string][]byte{
		"empty": {}, "one byte": {7}, "a/hello.txt": []byte("hello"),
		"b/chunk": noise(1, 1<<20), "b/chunk+1": noise(2, 1<<20+1), "b/large": noise(3, 5<<20+12345),
	}
	for i := range 40 {
		files["many/"+string(rune('a'+i%26))+string(rune('0'+i/26))] = noise(uint64(100+i), 700_000+i)
	}
	return files
}

func TestRoundTrip(t *testing.T) {
	d := newDesk(t)
	want := sample()
	values := d.seal(folder(t, want))
	if len(values) != len(want) {
		t.Fatalf("%d values of %d files", len(values), len(want))
	}
	for _, f := range values {
		if f.Kind != evidence.KindFile || f.Validate() != nil {
			t.Errorf("%+v: %v", f, f.Validate())
		}
	}
	d.checkContent(values, want)
	d.reopen()
	d.checkContent(values, want)
	// Two large ones, and 29 MB of small ones in packs of up to 16 MiB.
	if n := d.objects(); n != 4 {
		t.Errorf("%d objects", n)
	}
}
