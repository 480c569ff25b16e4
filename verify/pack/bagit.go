package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"

	"example.org/custody/evidence"
)

// BagIt is a bag of RFC 8493 inside a package (spec/package.md, "Bag"): what the files
// in it that are no copies follow from.
type BagIt struct {
	Item   evidence.ItemID // whose copies are in it
	Folder string          // the one folder that all of it lies in
	Copies []BagCopy       // ascending by name
}

// BagCopy is what a bag says of one copy.
type BagCopy struct {
	Name   string        // below the folder: data/<n>
	Size   int64         // bytes
	SHA256 evidence.Hash // of the content; zero when it is not known
}

// BagTag is a file of a bag that is no copy: a tag file, as RFC 8493 says.
type BagTag struct {
	Name  string           // below the folder
	Lines iter.Seq[[]byte] // its content, each with its line end; a line is good until the next
}

// ManifestTag is the name of the tag file that has a line for each copy.
const ManifestTag = "manifest-sha256.txt"

// Tags returns the tag files: two that stand before the copies and two that stand
// behind them. Their lines are made while they are asked for, so that a manifest of a
// million lines takes no memory, and one of copies that are still being read can wait.
func (b *BagIt) Tags() (before, after [2]BagTag) {
	before = [2]BagTag{{"bag-info.txt", b.info}, {"bagit.txt", bagDeclaration}}
	after[0] = BagTag{ManifestTag, b.manifest}
	after[1] = BagTag{"tagmanifest-sha256.txt", func(yield func([]byte) bool) {
		for _, t := range [...]BagTag{before[0], before[1], after[0]} {
			if !yield(bagLine(nil, t.digest(), t.Name)) {
				return
			}
		}
	}}
	return before, after
}

// Names yields what is in the bag, below its folder, in ascending order.
func (b *BagIt) Names() iter.Seq[string] {
	before, after := b.Tags()
	return func(yield func(string) bool) {
		for _, t := range before {
			if !yield(t.Name) {
				return
			}
		}
		for _, c := range b.Copies {
			if !yield(c.Name) {
				return
			}
		}
		_ = yield(after[0].Name) && yield(after[1].Name)
	}
}

// bagDeclaration yields bagit.txt (RFC 8493 §2.1.1).
func bagDeclaration(yield func([]byte) bool) {
	_ = yield([]byte("BagIt-Version: 1.0\n")) && yield([]byte("Tag-File-Character-Encoding: UTF-8\n"))
}

// info yields bag-info.txt (RFC 8493 §2.2.2): nothing that the package does not say.
func (b *BagIt) info(yield func([]byte) bool) {
	size := int64(0)
	for _, c := range b.Copies {
		size += c.Size
	}
	_ = yield([]byte("External-Description: data/N is file/N of this item in the package's record/inventory.csv\n")) &&
		yield(fmt.Appendf(nil, "External-Identifier: %s\n", b.Item)) &&
		yield(fmt.Appendf(nil, "Payload-Oxum: %d.%d\n", size, len(b.Copies)))
}

// manifest yields the payload manifest (RFC 8493 §2.1.3).
func (b *BagIt) manifest(yield func([]byte) bool) {
	var line []byte
	for _, c := range b.Copies {
		if line = bagLine(line[:0], c.SHA256, c.Name); !yield(line) {
			return
		}
	}
}

// bagLine appends the line of a manifest. Names are numbers and ours, so none has
// anything that RFC 8493 would have percent-encoded.
func bagLine(b []byte, sum evidence.Hash, name string) []byte {
	b = append(hex.AppendEncode(b, sum[:]), "  "...)
	return append(append(b, name...), '\n')
}

func (t BagTag) digest() evidence.Hash {
	h := sha256.New()
	for line := range t.Lines {
		h.Write(line)
	}
	return evidence.Hash(h.Sum(nil))
}
