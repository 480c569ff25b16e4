package intake

import (
	"path"
	"strconv"
	"strings"
)

// The names of a bag (RFC 8493).
const (
	bagDeclaration = "bagit.txt"
	bagInfo        = "bag-info.txt"
)

// bagManifests are the payload manifests, the strongest first.
var bagManifests = []string{"sha512", "sha256", "sha1", "md5"}

func isBag(p string) bool { return path.Base(p) == bagDeclaration }

// readBag keeps what bag-info.txt says, and answers the field manifest with the
// strongest manifest of digests that are sealed too. The rules compare them.
func readBag(in *Intake, f *file, all *files) error {
	head, err := readAll(f.reader(), maxDocument)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(head), "BagIt-Version:") {
		return badForm("it does not declare a bag")
	}
	root := path.Dir(f.path)
	values := tagLines(string(head))
	if b, err := all.document(path.Join(root, bagInfo)); err == nil {
		for name, v := range tagLines(string(b)) {
			values[name] = v
		}
	}
	in.keep(f, "bagit", values)
	rows, payload := 0, 0
	for _, algorithm := range bagManifests {
		p := path.Join(root, "manifest-"+algorithm+".txt")
		b, err := all.document(p)
		if err != nil {
			continue
		}
		list := checksumLines(string(b), algorithm, root)
		if algorithm == "sha256" || rows == 0 {
			in.answerManifest(f, list)
		}
		rows = max(rows, len(list))
	}
	for p := range all.sizes {
		if strings.HasPrefix(p, path.Join(root, "data")+"/") {
			payload++
		}
	}
	if rows != payload {
		in.note(f.path, "its manifest lists %d files, %d are there", rows, payload)
	}
	return nil
}

// document reads a metadata document of the set.
func (s *files) document(p string) ([]byte, error) {
	f, closer, err := s.open(p)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return readAll(f.reader(), maxDocument)
}

// tagLines reads lines "Label: value"; a line that begins with white space goes
// on with the one before.
func tagLines(text string) map[string]string {
	out, last := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			if len(out[last]) < 4*maxText { // more is not kept, and adding to it forever takes forever
				out[last] += " " + strings.TrimSpace(line)
			}
		case ok && len(out) < maxKept:
			last = strings.ToLower(strings.TrimSpace(name))
			for n := 2; out[last] != ""; n++ { // a label may come again
				last = strings.ToLower(strings.TrimSpace(name)) + "-" + strconv.Itoa(n)
			}
			out[last] = strings.TrimSpace(value)
		}
	}
	delete(out, "")
	return out
}

// checksumLines reads lines "<hex>  <path>", as sha256sum writes them.
func checksumLines(text, algorithm, root string) []any {
	var out []any
	for line := range strings.Lines(text) {
		digest, p, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		p = strings.TrimLeft(p, " *")
		if !ok || p == "" || len(out) == maxMembers {
			continue
		}
		out = append(out, map[string]any{"digest": algorithm + ":" + strings.ToLower(digest), "path": path.Join(root, p)})
	}
	return out
}
