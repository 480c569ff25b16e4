package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrFileValue reports JSON that is not the value of a file/n.
var ErrFileValue = errors.New("not a file value")

// ParseFileValue reads the value of a record's file/n and checks its shape with
// [FileValue.Validate]. It returns [ErrNotCanonical] or [ErrFileValue].
func ParseFileValue(raw json.RawMessage) (FileValue, error) {
	v, ok := scanFile(raw)
	if !ok {
		if err := ParseCanonical(raw, &v); err != nil {
			return FileValue{}, err
		}
	}
	return v, v.Validate()
}

var specialTexts = []string{"block-device", "char-device", "other", "pipe", "socket"}

// isMode reports whether s is four octal digits.
func isMode(s string) bool { return len(s) == 4 && strings.Trim(s, "01234567") == "" }

// Validate checks that v has the members of its kind and no others, and that
// they can be right (spec/content.md, spec/record.md "File value"). It returns
// [ErrFileValue] and says what is wrong.
func (v FileValue) Validate() error {
	wrong := func(what string) error { return fmt.Errorf("%s: %w: %s", v.Kind, ErrFileValue, what) }
	if err := v.validatePath(); err != nil {
		return wrong(err.Error())
	}
	read := v.Kind == KindFile || v.Kind == KindChanged
	switch {
	case !slices.Contains([]FileKind{KindFile, KindSymlink, KindDir, KindSpecial, KindUnreadable, KindChanged, KindVanished}, v.Kind):
		return wrong("unknown kind")
	case read != (v.Digests != nil), read != (v.Mode != ""), !read && (v.Modified != nil || v.Stored != nil):
		return wrong("digests, mode, modified and stored belong to what was read")
	case read && (v.Digests.Size < 0 || !isMode(v.Mode)):
		return wrong("size or mode")
	case (v.Kind == KindChanged) != (v.Before != nil), v.Kind != KindChanged && (v.After != nil || v.Replaced):
		return wrong("observations belong to what changed")
	case (v.Kind == KindSymlink) != (v.Target != ""), v.Target == "" && v.TargetHex != "":
		return wrong("target belongs to a symlink")
	case (v.Kind == KindSpecial) != (v.Special != ""), v.Special != "" && !slices.Contains(specialTexts, v.Special):
		return wrong("special")
	case v.Kind == KindUnreadable && v.Reason == "", v.Reason != "" && v.Kind != KindUnreadable && v.Kind != KindVanished:
		return wrong("reason")
	}
	return v.Stored.validate(wrong)
}

func (v FileValue) validatePath() error {
	if v.Path == "" {
		return errors.New("no path")
	}
	raw, err := v.RawPath()
	if err != nil {
		return err
	}
	if text, inHex := PathText(raw); text != v.Path || inHex != v.PathHex {
		return errors.New("path and path_hex differ")
	}
	return nil
}

func (s *Stored) validate(wrong func(string) error) error {
	switch {
	case s == nil || s.Offset == nil && s.Length == nil:
		return nil
	case s.Offset == nil || s.Length == nil:
		return wrong("offset and length belong together")
	case *s.Offset < 0 || *s.Length < 0:
		return wrong("offset or length")
	}
	return nil
}
