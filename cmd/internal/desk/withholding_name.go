package desk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// EveryItem stands for every item of a package: no item has this id.
var EveryItem evidence.ItemID

// ErrEntryName reports a text that names no entry.
var ErrEntryName = errors.New("not the name of an entry, nor ITEM:NAME")

// FindItem finds an item by what a person calls it ([Session.Find]).
type FindItem func(name string) (evidence.ItemID, error)

// anyItem finds whatever is asked for: of a name it lets the form be checked alone.
func anyItem(string) (evidence.ItemID, error) { return EveryItem, nil }

// CheckEntryName returns [ErrEntryName] for what [ParseEntryName] cannot read.
func CheckEntryName(text string) error {
	_, err := ParseEntryName(text, anyItem)
	return err
}

// EntryName names entries in the records of one item, or of every item: that of the name,
// or, when it ends in a slash, all that begin with it.
type EntryName struct {
	Item evidence.ItemID // EveryItem: each of them
	Name string
}

// ParseEntryName reads NAME, an entry of every item, or ITEM:NAME, an entry of one. No
// name of an entry has a colon (spec/record.md), so the last one ends the item. It returns
// [ErrEntryName] or what find says of the item.
func ParseEntryName(text string, find FindItem) (EntryName, error) {
	item, name, found := cutLast(text, ":")
	if name == "" || found && item == "" {
		return EntryName{}, fmt.Errorf("%.200q: %w", text, ErrEntryName)
	}
	if !found {
		return EntryName{EveryItem, name}, nil
	}
	id, err := find(item)
	return EntryName{id, name}, err
}

// isOf reports whether it is about entries of that item.
func (e EntryName) isOf(item evidence.ItemID) bool { return e.Item == EveryItem || e.Item == item }

// means reports whether it names an entry, of which the item is known.
func (e EntryName) means(entry EntryName) bool {
	return e.isOf(entry.Item) && means(e.Name, entry.Name)
}

// means reports whether a name is that of an entry, or stands for all that begin with it.
func means(name, entry string) bool {
	return name == entry || strings.HasSuffix(name, "/") && strings.HasPrefix(entry, name)
}

func (e EntryName) compare(o EntryName) int {
	return cmp.Or(slices.Compare(e.Item[:], o.Item[:]), strings.Compare(e.Name, o.Name))
}

// fault says what is wrong with the name, and with the item when it names one.
func (e EntryName) fault(err error) error {
	said := strconv.Quote(e.Name)
	if e.Name == "" {
		said = "the rest"
	}
	err = fmt.Errorf("%s: %w", said, err)
	if e.Item != EveryItem {
		err = &ItemError{e.Item, err}
	}
	return err
}

// isNumbered reports whether it is one of a row, such as file/2: the number says nothing
// about it, and that of another item is another thing.
func (e EntryName) isNumbered() bool {
	_, n, found := cutLast(e.Name, "/")
	return found && n != "" && strings.Trim(n, "0123456789") == ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}
