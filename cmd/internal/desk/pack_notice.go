package desk

import "example.org/custody/evidence"

// Noticed is what whoever packs should know before the package is given out.
type Noticed struct {
	Names []HeldShown `json:"names_shown,omitempty"`
	Same  []HeldShown `json:"same_shown,omitempty"` // files held back whose content is shown as another file

	Alike  []string `json:"-"` // what was held back by a number alone that several items have
	Unsaid int      `json:"-"` // entries held back: use limits, and what was decided by them, of a request that is confidential
	Apart  int      `json:"-"` // entries held back: answers of a request's form that are for an authority alone
}

// HeldShown is a file that is held back and whose name, which may be what is to be held
// back, stands all the same in an entry that is shown; or whose content that entry has.
type HeldShown struct {
	Item   evidence.ItemID `json:"item"`
	File   string          `json:"file"`             // the entry held back, such as file/2
	In     string          `json:"in"`               // the entry shown, such as imported
	InItem evidence.ItemID `json:"in_item,omitzero"` // whose entry that is, where it is another item's
}
