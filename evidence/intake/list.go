package intake

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// listNames are names of lists of files, with digests, that providers and tools
// put beside them.
var (
	listNames = regexp.MustCompile(`(?i)(manifest|inventory|file-?_?list|hash(es)?|checksums?|digests?|delivery)[^/]*\.(csv|json)$`)
	sumNames  = regexp.MustCompile(`(?i)(^|/)(md5|sha1|sha256|sha512)sums?(\.txt)?$`)
)

func isList(p string) bool { return listNames.MatchString(p) || sumNames.MatchString(p) }

// columns are the words for what a list says of a file.
var columns = map[string]string{
	"path": "path", "file": "path", "filename": "path", "file_name": "path", "file name": "path", "name": "path",
	"size": "size", "bytes": "size", "length": "size", "file_size": "size", "file size": "size",
	"sha256": "sha256", "sha-256": "sha256", "sha512": "sha512", "sha-512": "sha512", "sha1": "sha1", "sha-1": "sha1", "md5": "md5",
	"hash": "digest", "digest": "digest", "checksum": "digest",
}

// digestLengths tell the algorithm of a digest by its hexadecimal digits.
var digestLengths = map[int]string{32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}

// readList answers the field manifest from a list of files with digests. Anything
// else of that name is evidence like the rest and says nothing here.
func readList(in *Intake, f *file, all *files) error {
	if f.size > maxListing {
		return nil
	}
	var rows []map[string]string
	var err error
	switch root := path.Dir(f.path); {
	case sumNames.MatchString(f.path):
		algorithm := strings.ToLower(sumNames.FindStringSubmatch(f.path)[2])
		b, err := readAll(f.reader(), maxListing)
		if err == nil {
			in.answerManifest(f, checksumLines(string(b), algorithm, root))
		}
		return err
	case strings.EqualFold(path.Ext(f.path), ".json"):
		rows, err = jsonRows(f.reader())
	default:
		rows, err = csvRows(f.reader())
	}
	if err != nil {
		return err
	}
	in.answerManifest(f, manifestRows(rows, path.Dir(f.path), all))
	return nil
}

// answerManifest answers the field manifest, when it is not too long for one.
func (in *Intake) answerManifest(f *file, list []any) {
	rows := slices.DeleteFunc(slices.Clone(list), func(row any) bool { return !goodRow(row.(map[string]any)) })
	switch n := len(list) - len(rows); {
	case len(rows) > maxRows:
		in.note(f.path, "it lists %d files; a record takes %d, so the field manifest stays open", len(rows), maxRows)
	case n > 0:
		in.note(f.path, "%d of its lines name no file with a digest; the field manifest stays open", n)
	case len(rows) > 0:
		in.answer(f, "manifest", rows)
	}
	if len(rows) > 0 {
		in.keep(f, "list", map[string]string{"files": strconv.Itoa(len(rows))})
	}
}

// goodRow reports whether a path and a digest can stand in a record.
func goodRow(row map[string]any) bool {
	algorithm, digits, _ := strings.Cut(row["digest"].(string), ":")
	_, err := hex.DecodeString(digits)
	return plainPath(row["path"].(string)) && err == nil && digestLengths[len(digits)] == algorithm
}

// csvRows reads a table whose first line names its columns. One without a path
// and a digest among them is no list of files: it gives no rows.
func csvRows(r io.Reader) ([]map[string]string, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	head, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, badForm("%v", err)
	}
	names := make([]string, len(head))
	var path, digest bool
	for i, n := range head {
		names[i] = columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(n, "\ufeff")))]
		path, digest = path || names[i] == "path", digest || names[i] == "digest" || hasher(names[i]) != nil
	}
	if !path || !digest {
		return nil, nil
	}
	var rows []map[string]string
	for {
		line, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, badForm("%v", err)
		}
		if len(rows) == maxMembers {
			return nil, errLimit
		}
		row := map[string]string{}
		for i, v := range line {
			if i < len(names) && names[i] != "" {
				row[names[i]] = strings.TrimSpace(v)
			}
		}
		rows = append(rows, row)
	}
}

// jsonRows reads a list of objects, or the first list of objects in an object.
func jsonRows(r io.Reader) ([]map[string]string, error) {
	b, err := readAll(r, maxListing)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return objectRows(b)
	}
	var within map[string]json.RawMessage
	if err := json.Unmarshal(b, &within); err != nil {
		return nil, badForm("%v", err)
	}
	for _, name := range []string{"files", "manifest", "items", "entries", "resources"} {
		if rows, err := objectRows(within[name]); errors.Is(err, errLimit) || err == nil && len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}

// objectRows reads a list of objects one by one, up to the limit.
func objectRows(b []byte) (rows []map[string]string, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, badForm("it is no list")
	}
	for dec.More() {
		var o map[string]any
		if err := dec.Decode(&o); err != nil {
			return nil, badForm("%v", err)
		}
		if len(rows) == maxMembers {
			return nil, errLimit
		}
		row := map[string]string{}
		for n, v := range o {
			column := columns[strings.ToLower(n)]
			switch v := v.(type) {
			case string:
				row[column] = v
			case float64:
				row[column] = strconv.FormatInt(int64(v), 10)
			}
		}
		delete(row, "") // what no column names
		rows = append(rows, row)
	}
	return rows, nil
}

// manifestRows turns rows into members of the field manifest: the strongest
// digest of each. A row without path or digest is left out.
func manifestRows(rows []map[string]string, root string, all *files) []any {
	var out []any
	for _, row := range rows {
		digest := ""
		for _, algorithm := range bagManifests {
			if v := row[algorithm]; v != "" && (digest == "" || algorithm == "sha256") {
				digest = algorithm + ":" + strings.ToLower(v)
			}
		}
		if v := strings.ToLower(row["digest"]); digest == "" && digestLengths[len(v)] != "" {
			digest = digestLengths[len(v)] + ":" + v
		}
		if row["path"] == "" || digest == "" {
			continue
		}
		p := path.Join(root, row["path"])
		if _, there := all.sizes[row["path"]]; there {
			p = row["path"]
		}
		entry := map[string]any{"digest": digest, "path": p}
		if n, err := strconv.ParseInt(row["size"], 10, 64); err == nil && n >= 0 && n < 1<<53 {
			entry["size"] = n
		}
		out = append(out, entry)
	}
	return out
}
