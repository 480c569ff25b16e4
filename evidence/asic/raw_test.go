package asic

import (
	"hash/crc32"
	"slices"
)

// rawEntry is one entry of a zip that a test may put together wrongly: its
// headers are derived as the writer would, then changed.
type rawEntry struct {
	name, content string
	local         func([]byte) []byte // changes the local header
	central       func([]byte) []byte // changes the directory header
	member        func(*member)       // changes what both are derived from
	hidden        bool                // no directory header
}

// raw is a zip being put together.
type raw struct {
	entries   []rawEntry
	directory func([]byte) []byte // changes the whole directory
	end       func([]byte) []byte // changes what follows it
}

func (r raw) bytes() []byte {
	var out, dir []byte
	n := 0
	for _, e := range r.entries {
		m := member{name: e.name, size: int64(len(e.content)), at: int64(len(out)), crc: crc32.ChecksumIEEE([]byte(e.content))}
		if e.member != nil {
			e.member(&m)
		}
		out = append(out, apply(e.local, standard.appendLocal(nil, &m))...)
		out = append(out, e.content...)
		if !e.hidden {
			dir = append(dir, apply(e.central, standard.appendCentral(nil, &m))...)
			n++
		}
	}
	dir = apply(r.directory, dir)
	end := standard.appendEnd(nil, n, int64(len(dir)), int64(len(out)))
	return slices.Concat(out, dir, apply(r.end, end))
}

func apply(f func([]byte) []byte, b []byte) []byte {
	if f == nil {
		return b
	}
	return f(slices.Clone(b))
}

// entries returns the raw entries of a container of files, manifest included.
func entries(files []file) []rawEntry {
	raws := []rawEntry{{name: "mimetype", content: MimeType}}
	for _, f := range files {
		raws = append(raws, rawEntry{name: f.Name, content: f.content})
	}
	return append(raws,
		rawEntry{name: ManifestName, content: string(manifestOf(files, SignatureDSSE))},
		rawEntry{name: SignatureDSSE, content: goodSignature})
}

func manifestOf(files []file, signature string) []byte {
	return appendManifest(nil, signature, listed(files))
}

// listed returns files as a manifest lists them.
func listed(files []file) (list []Entry) {
	for _, f := range files {
		list = append(list, Entry{Name: f.Name, MimeType: f.MimeType, Digest: sum([]byte(f.content)), Root: f.Root})
	}
	return list
}

// put16 and put32 return a change that sets the field at byte at.
func put16(at int, v uint16) func([]byte) []byte {
	return func(b []byte) []byte { le.PutUint16(b[at:], v); return b }
}

func put32(at int, v uint32) func([]byte) []byte {
	return func(b []byte) []byte { le.PutUint32(b[at:], v); return b }
}

// addExtra returns a change that appends an extra field to a header whose
// extra length stands at byte at.
func addExtra(at int, extra string) func([]byte) []byte {
	return func(b []byte) []byte {
		le.PutUint16(b[at:], le.Uint16(b[at:])+uint16(len(extra)))
		return append(b, extra...)
	}
}
