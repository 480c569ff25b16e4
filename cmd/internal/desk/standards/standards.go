// Package standards finds rule packs for people: those of this program by name,
// others by file; and reads what is answered to the fields that they ask for.
package standards

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
)

// ErrNone is what every [NoneError] is.
var ErrNone = errors.New("no such standard")

// NoneError reports a standard that is neither known nor a file.
type NoneError struct {
	Ref   string // as it was named
	Meant string // the nearest that there is; "" when none is near
}

// Error implements error.
func (e *NoneError) Error() string { return fmt.Sprintf("%q: %v", e.Ref, ErrNone) }

// Is reports whether target is [ErrNone].
func (e *NoneError) Is(target error) bool { return target == ErrNone }

// Choice is the pack that was asked for, and where its words are.
type Choice struct {
	Library *rules.Library
	Pack    *rules.Pack
}

// Find returns a pack by "<id>/<version>", by "<id>" alone, which is the highest
// version in force on the day of now, or by the name of a file. A file brings its
// translations and what it includes from its own folder; what it includes may
// also be of this program.
//
// It returns a [*NoneError], or the [*rules.LoadError] of a pack that is refused.
func Find(ref string, now time.Time) (*Choice, error) {
	if strings.HasSuffix(ref, ".json") {
		return fromFile(ref)
	}
	lib := rules.Builtin()
	name := rules.Name(ref)
	if !strings.Contains(ref, "/") {
		name = newest(lib, ref, now)
	}
	found := lib.Named(name)
	if name == "" || len(found) == 0 {
		return nil, &NoneError{ref, meant(lib, ref)}
	}
	pack, err := lib.Pack(found[0].Digest())
	if err != nil {
		return nil, err
	}
	return &Choice{lib, pack}, nil
}

// meant returns the id, or the id with its version, that is nearest to what was
// named: a version that is not there means one that is.
func meant(lib *rules.Library, ref string) string {
	var names []string
	word := strings.ToLower(ref)
	id, _, versioned := strings.Cut(word, "/")
	for _, s := range lib.Named("") {
		if s.ID == id {
			return string(s.Name())
		}
		names = append(names, s.ID)
		if versioned {
			names = append(names, string(s.Name()))
		}
	}
	return rules.Nearest(names, word)
}

// newest returns the highest version of an id that is in force on a day, else the
// highest that there is, or "".
func newest(lib *rules.Library, id string, now time.Time) rules.Name {
	var best, last *rules.Standard
	on := now.UTC().Format(time.DateOnly)
	for _, s := range lib.Named("") {
		if s.ID != id {
			continue
		}
		last = s
		if s.InForce.From <= on && (s.InForce.To == "" || on <= s.InForce.To) {
			best = s
		}
	}
	switch {
	case best != nil:
		return best.Name()
	case last != nil:
		return last.Name()
	}
	return ""
}

// fromFile reads a pack and what lies beside it.
func fromFile(path string) (*Choice, error) {
	folder, file := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	own, fsys := rules.NewLibrary(), os.DirFS(folder)
	s, err := own.AddFile(fsys, file, fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, inc := range s.Includes {
		if _, err := rules.Builtin().Find(inc.Standard, inc.SHA256); err == nil {
			continue
		}
		beside := strings.Replace(string(inc.Standard), "/", "-", 1) + ".json"
		if _, err := own.AddFile(fsys, beside, fsys, "."); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	lib := rules.Builtin().With(own)
	pack, err := lib.Pack(s.Digest())
	if err != nil {
		return nil, err
	}
	return &Choice{lib, pack}, nil
}

// Known returns the names of the packs of this program.
func Known() []string {
	var out []string
	for _, s := range rules.Builtin().Named("") {
		out = append(out, string(s.Name()))
	}
	return out
}

// Pins returns the packs of this program as a trust list names them: what a
// state adopts unless it says otherwise.
func Pins() []trust.Pin {
	var out []trust.Pin
	for _, s := range rules.Builtin().Named("") {
		out = append(out, trust.Pin{Name: string(s.Name()), Digest: trust.Digest(s.Digest())})
	}
	return out
}
