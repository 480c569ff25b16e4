package verifytest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
)

// Files returns the files of a container by name, without what follows from them
// (mimetype, manifest): the rest of its bytes [Container] makes again.
func Files(container []byte) map[string][]byte {
	r, err := asic.Open(bytes.NewReader(container), int64(len(container)), asic.Limits{})
	must(err)
	files := map[string][]byte{}
	for _, e := range r.Entries() {
		src, err := r.Open(e.Name)
		must(err)
		files[e.Name], err = io.ReadAll(src)
		must(err)
	}
	for _, name := range r.Signatures() {
		files[name], err = r.ReadFile(name, asic.PackageSize(name))
		must(err)
	}
	return files
}

// Container writes a container of files, package.dsse among them, which need not
// be over this manifest.
func Container(files map[string][]byte) []byte {
	return writeContainer(files, func([]byte) []byte { return files[pack.SignatureName] })
}

// Resign writes a container of files with a statement over its own manifest;
// edit changes the statement, which begins as the one in files, before it is
// signed, and forge the envelope afterwards. Either may be nil.
func Resign(files map[string][]byte, by *Officer, edit func(*pack.Statement), forge func(*signing.Envelope)) []byte {
	return writeContainer(files, func(manifest []byte) []byte {
		old, err := signing.Parse(files[pack.SignatureName])
		must(err)
		s, err := pack.ParseStatement(old.Payload)
		must(err)
		s.Manifest = pack.NoteDigest(manifest)
		if edit != nil {
			edit(s)
		}
		payload, err := s.Marshal()
		must(err)
		env, err := signing.Sign(context.Background(), pack.StatementType, payload, by.key)
		must(err)
		if forge != nil {
			forge(env)
		}
		b, err := env.Marshal()
		must(err)
		return b
	})
}

func writeContainer(files map[string][]byte, sign func(manifest []byte) []byte) []byte {
	var buf memFile
	w, err := asic.NewWriter(&buf, asic.Options{Signatures: []string{asic.SignatureDSSE}})
	must(err)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, "META-INF/") {
			continue
		}
		must(w.WriteFile(asic.Header{Name: name, MimeType: pack.MediaType(name), Root: name == pack.ReportName}, files[name]))
	}
	manifest, err := w.WriteManifest()
	must(err)
	must(w.AddSignature(asic.SignatureDSSE, sign(manifest)))
	must(w.Close())
	return buf
}
