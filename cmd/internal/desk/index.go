package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// The index finds items by what their records say, without reading all of them
// (spec/home.md, "Index"). It is a help, never a proof: what it names is read
// and compared, and losing it loses nothing that [Session.Examine] does not
// bring back.

// Fields of the index.
const (
	indexCase    = "case"
	indexExhibit = "exhibit"
	indexKey     = "key" // of an enrolment
)

const secretIndex = "index"

// indexed is one file of the index: the items whose record says, or once said,
// one value under one field.
type indexed struct {
	Items []evidence.ItemID `json:"items"`
}

// indexMAC names a value in the index: HMAC-SHA-256 under a key that comes from
// the vault's identity, so that the name tells nothing.
func (s *Session) indexMAC(field, value string) []byte {
	key := hmac.New(sha256.New, []byte(s.vaultID.String()))
	key.Write([]byte("custody/index/v1"))
	h := hmac.New(sha256.New, key.Sum(nil))
	h.Write([]byte(field + "\x00" + value))
	return h.Sum(nil)[:16]
}

func (s *Session) indexPath(field, value string) string {
	return s.path("index", hex.EncodeToString(s.indexMAC(field, value))+".age")
}

// lookUp lists the items that the index names for a value.
func (s *Session) lookUp(field, value string) ([]evidence.ItemID, error) {
	b, err := keyfile.OpenSecret(s.indexPath(field, value), secretIndex, s.vaultID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	var x indexed
	if err := evidence.ParseCanonical(b, &x); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return x.Items, nil
}

// addToIndex makes an entry findable by what its record says. It comes before
// the body is kept: an index that names too much is harmless.
func (s *Session) addToIndex(e *Entry) error {
	found, err := s.indexedAs(e)
	if err != nil {
		return err
	}
	for _, k := range found {
		if err := s.index(k.field, k.value, e.Event.Item); err != nil {
			return err
		}
	}
	return nil
}

// indexEntry is a value under which an item can be found.
type indexEntry struct{ field, value string }

// indexedAs lists what an entry makes its item findable by.
func (s *Session) indexedAs(e *Entry) ([]indexEntry, error) {
	if e.Event.Enrols != nil {
		return []indexEntry{{indexKey, e.Event.Enrols.Key.String()}}, nil
	}
	if e.Event.Action != evidence.Collect && e.Event.Action != evidence.Correct {
		return nil, nil
	}
	said, err := e.indexValues()
	var all []indexEntry
	for field, value := range said {
		all = append(all, indexEntry{field, value})
	}
	return all, err
}

// indexValues returns what an event's record says under the fields of the index;
// a correct says it under "new".
func (e *Entry) indexValues() (map[string]string, error) {
	found := map[string]string{}
	for _, field := range []string{indexCase, indexExhibit} {
		name := field
		if e.Event.Action == evidence.Correct {
			if corrected, _, err := e.text("field"); err != nil || corrected != field {
				continue
			}
			name = "new"
		}
		value, ok, err := e.text(name)
		if err != nil {
			return nil, err
		}
		if ok {
			found[field] = value
		}
	}
	return found, nil
}

// text returns a text of the event's record. For an own event it looks into the
// values, without building the record of perhaps many thousand files.
func (e *Entry) text(name string) (text string, ok bool, err error) {
	if e.Body.View != nil {
		v, err := e.View()
		if err != nil {
			return "", false, err
		}
		text, p, err := evidence.Value[string](v, name)
		return text, err == nil && p == evidence.Present, nil
	}
	for _, v := range e.Body.Values {
		if v.Name == name {
			err := json.Unmarshal(v.Value, &text) // what is no text is found by no text
			return text, err == nil, nil
		}
	}
	return "", false, nil
}

// index adds an item under a value.
func (s *Session) index(field, value string, id evidence.ItemID) error {
	items, err := s.lookUp(field, value)
	if err != nil || slices.Contains(items, id) {
		return err
	}
	return s.writeIndex(field, value, append(items, id))
}

func (s *Session) writeIndex(field, value string, items []evidence.ItemID) error {
	b, err := json.Marshal(indexed{items})
	if err != nil {
		return err
	}
	to, err := s.recipients()
	if err != nil {
		return err
	}
	path := s.indexPath(field, value)
	err = keyfile.CreateSecret(path, secretIndex, b, to...)
	if errors.Is(err, keyfile.ErrExists) {
		return keyfile.ReplaceSecret(path, secretIndex, b, to...)
	}
	return err
}

// dropFromIndex forgets an item under what its records said, when that is erased.
func (s *Session) dropFromIndex(id evidence.ItemID, said map[string][]string) error {
	for field, values := range said {
		for _, value := range values {
			items, err := s.lookUp(field, value)
			if err != nil {
				return err
			}
			rest := slices.DeleteFunc(items, func(i evidence.ItemID) bool { return i == id })
			if len(rest) == 0 {
				err = files.Remove(s.indexPath(field, value))
			} else {
				err = s.writeIndex(field, value, rest)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// checkIndex makes sure that an item is found by what its records say, and reports
// how often it was not. A damaged file of the index counts as lost.
func (s *Session) checkIndex(it *Item) (missing int, err error) {
	for _, e := range it.Entries {
		if e.Body.Index == nil {
			continue // it is indexed when it is logged
		}
		found, err := s.indexedAs(e)
		if err != nil {
			return missing, err
		}
		for _, k := range found {
			items, err := s.lookUp(k.field, k.value)
			if err == nil && slices.Contains(items, it.ID) {
				continue
			}
			missing++
			if !s.alone {
				continue
			}
			if err := s.writeIndex(k.field, k.value, append(items, it.ID)); err != nil {
				return missing, err
			}
		}
	}
	return missing, nil
}
