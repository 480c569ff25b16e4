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
	for _, a := range r.Archives() {
		for _, name := range []string{a.Name, a.Token} {
			files[name], err = r.ReadFile(name, asic.PackageSize(name))
			must(err)
		}
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

// signatures names the signature files of a container.
func signatures(cades, stamped, own bool) []string {
	names := []string{asic.SignatureDSSE}
	if cades {
		names = append(names, asic.SignatureCAdES)
	}
	if stamped {
		names = append(names, asic.Timestamp)
	}
	if own {
		names = append(names, asic.TimestampManifest)
	}
	return names
}

func writeContainer(files map[string][]byte, sign func(manifest []byte) []byte) []byte {
	var buf memFile
	cades, token := files[pack.CAdESName], files[pack.TimestampName]
	w, err := asic.NewWriter(&buf, asic.Options{Signatures: signatures(cades != nil, token != nil, files[pack.StampedName] != nil)})
	must(err)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, "META-INF/") {
			continue
		}
		must(w.WriteFile(asic.Header{Name: name, MimeType: pack.MediaType(name), Root: name == pack.ReportName}, files[name]))
	}
	manifest, err := w.WriteManifest()
	must(err)
	if files[pack.StampedName] != nil { // it follows from the files
		must(w.AddSignature(asic.TimestampManifest, w.TimestampManifest()))
	}
	must(w.AddSignature(asic.SignatureDSSE, sign(manifest)))
	if cades != nil {
		must(w.AddSignature(asic.SignatureCAdES, cades))
	}
	if token != nil {
		must(w.AddSignature(asic.Timestamp, token))
	}
	must(w.Close())
	for k := 1; files[asic.ArchiveToken(k)] != nil; k++ { // the manifest follows from the files
		buf = Renewed(buf, func([]byte) []byte { return files[asic.ArchiveToken(k)] })
	}
	return buf
}

// Renewed returns a container with one more archive timestamp; token makes it over a
// manifest.
func Renewed(container []byte, token func(manifest []byte) []byte) []byte {
	r, err := asic.Open(bytes.NewReader(container), int64(len(container)), asic.Limits{})
	must(err)
	var buf memFile
	must(r.Renew(context.Background(), &buf, func(_ context.Context, manifest []byte) ([]byte, error) { return token(manifest), nil }, func(int) {}))
	return buf
}
