package standards

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"example.org/custody/evidence/rules"
)

// maxAnswers is the most bytes of a file of answers or names.
const maxAnswers = 16 << 20

// ReadAnswers reads a file of answers, whose members are fields: one JSON object
// or, when its name ends in .yaml or .yml, one YAML mapping. What has no value
// (null, and a list or group of nothing else) is left open, so that a form may be
// filled in by hand.
//
// Its errors name the file and the line, and are [rules.ErrField].
func ReadAnswers(path string) (map[string]any, error) {
	b, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	read := jsonAnswers
	if isYAML(path) {
		read = yamlAnswers
	}
	all, err := read(bytes.TrimPrefix(b, []byte("\ufeff")))
	if !utf8.Valid(b) {
		err = &lineError{"", 1, "not UTF-8: what PowerShell or an office program writes is saved as UTF-8 first"}
	}
	if at := (*lineError)(nil); errors.As(err, &at) {
		at.file = path
		return nil, at
	}
	return all, err
}

// isYAML tells the form of a file by its name.
func isYAML(path string) bool {
	ending := strings.ToLower(filepath.Ext(path))
	return ending == ".yaml" || ending == ".yml"
}

// lineError is what is wrong with a file of answers, and where. It does not
// repeat a value, which may be personal.
type lineError struct {
	file    string
	line    int
	problem string
}

// Error implements error.
func (e *lineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.file, e.line, e.problem) }

// Is reports whether target is [rules.ErrField].
func (e *lineError) Is(target error) bool { return target == rules.ErrField }

// filled returns v without what has no value, or nil when nothing is left.
func filled(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			if v[name] = filled(one); v[name] == nil {
				delete(v, name)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		var out []any
		for _, one := range v {
			if one = filled(one); one != nil {
				out = append(out, one)
			}
		}
		if out == nil {
			return nil
		}
		return out
	}
	return v
}

// answers is the object that a file must be, without what has no value.
func answers(v any) (map[string]any, error) {
	all, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, &lineError{"", 1, "not an object of fields"}
	}
	if all, ok = filled(all).(map[string]any); !ok {
		return map[string]any{}, nil
	}
	return all, nil
}

// ReadNames reads a dictionary of protected names: one a line.
func ReadNames(path string) (names []string, err error) {
	b, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(strings.NewReader(string(b)))
	for lines.Scan() {
		if s := strings.TrimSpace(lines.Text()); s != "" {
			names = append(names, s)
		}
	}
	return names, lines.Err()
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxAnswers {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", path, info.Size(), maxAnswers)
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is no plain file")}
	}
	return os.ReadFile(path)
}
