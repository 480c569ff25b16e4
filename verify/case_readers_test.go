package verify_test

import (
	"bytes"
	"slices"
	"strings"

	"filippo.io/age"

	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/readers"
	"example.org/custody/verify/verifytest"
)

// Keys of readers, made for these cases and used nowhere else.
const (
	oneKey     = "AGE-SECRET-KEY-1M7DQWHPXV8AG6HT6S2Z6CM9HEZA3Z95FS54UP5F5PLP6CCZSP42QKRGKV2"
	twoKey     = "AGE-SECRET-KEY-1ZRAAPEKW6JDN3NCCCKESUWUZLJTP87CZMSV7L3QP2PQQ67P596PQY92DN0"
	quantumKey = "AGE-SECRET-KEY-PQ-1GH6AAL7VLMTYYNRRUAYAGEUWGEWKZYS2F4WVUDW7PRWN47ZZHM3QHZ7TC0"
)

// sameSize are two files of one length: nothing but their content tells them apart.
var sameSize = []verifytest.File{{Path: "a.txt", Content: []byte("the first!\n")}, {Path: "b.txt", Content: []byte("the second\n")}}

// recipientOf is the recipient of a key.
func recipientOf(key string) string {
	found, err := age.ParseIdentities(strings.NewReader(key))
	must(err)
	switch i := found[0].(type) {
	case *age.X25519Identity:
		return i.Recipient().String()
	case *age.HybridIdentity:
		return i.Recipient().String()
	}
	panic("internal error: a key of another kind")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// sealedFor is a package whose copies are encrypted to the holders of keys, by the
// number of the file; they may be in a bag of the earlier form.
func sealedFor(files []verifytest.File, bag bool, to map[int][]string) *delivery {
	return sealedAs(verifytest.Packing{Plain: bag}, files, to)
}

// sealedAs is such a package in a form of its own.
func sealedAs(p verifytest.Packing, files []verifytest.File, to map[int][]string) *delivery {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Files: files})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	named := map[int][]string{}
	for n, keys := range to {
		for _, k := range keys {
			named[n] = append(named[n], recipientOf(k))
		}
	}
	p.By, p.Items, p.Files, p.Readers = s.bob, []*verifytest.Item{s.item}, [][]verifytest.File{files}, named
	return &delivery{s, verifytest.Files(s.w.Package(p))}
}

// both encrypts two files to the same readers.
func both(keys ...string) map[int][]string { return map[int][]string{1: keys, 2: keys} }

// put encrypts content in the place of a copy, and has the packer sign it.
func (d *delivery) put(name string, content []byte, keys ...string) packed {
	var to []string
	for _, k := range keys {
		to = append(to, recipientOf(k))
	}
	slices.Sort(to)
	var b bytes.Buffer
	w, err := readers.Encrypt(&b, to)
	must(err)
	_, err = w.Write(content)
	must(err)
	must(w.Close())
	d.files[name] = b.Bytes()
	return d.signed(nil, nil)
}

// with gives the reader's keys.
func (p packed) with(keys string) packed {
	k, err := readers.ParseKeys([]byte(keys))
	must(err)
	p.keys, p.opts.Keys = keys, k
	return p
}

const firstSealed, secondSealed = "payload/1/1.txt.age", "payload/1/2.txt.age"

// readersCases are about copies that are encrypted to readers.
func readersCases() []packageCase {
	var o outcome
	return []packageCase{
		{"x-readers", holding, "Every copy is encrypted to one reader, who gives the key.", func() packed {
			return sealedFor(twoFiles, false, both(oneKey)).as().with(oneKey).wants(o.holds(1, "content.tree", "recomputed").
				shows(1, "holds", "content.readers", "it opened with the key of age1hw3e").shows(0, "holds", "digest", firstSealed).shows(0, "holds", "sender.verdict", ""))
		}},
		{"x-readers-two", holding, "Every copy is encrypted to two readers, one of whom gives the key.", func() packed {
			return sealedFor(twoFiles, false, both(oneKey, twoKey)).as().with(twoKey).wants(o.holds(1, "content.tree", "recomputed").shows(1, "holds", "content.readers", "2 readers"))
		}},
		{"x-readers-hybrid", holding, "The copies are encrypted to a reader with a post-quantum key.", func() packed {
			return sealedFor(twoFiles, false, both(quantumKey)).as().with(quantumKey).wants(o.holds(1, "content.tree", "recomputed").shows(1, "holds", "content.readers", "age1pq1"))
		}},
		{"x-readers-bag", holding, "The copies are in a bag that is encrypted as a whole.", func() packed {
			return sealedFor(twoFiles, true, both(oneKey)).as().with(oneKey).wants(o.holds(1, "content.tree", "recomputed").shows(0, "holds", "digest", "payload/1.zip.age"))
		}},
		{"x-readers-part", holding, "One copy is encrypted, the other is for everybody.", func() packed {
			return sealedFor(twoFiles, false, map[int][]string{1: {oneKey}}).as().with(oneKey).wants(o.holds(1, "content.tree", "recomputed").shows(0, "holds", "digest", "payload/1/2.txt"))
		}},
		{"x-readers-others", holding, "Each copy has a reader of its own: to either, the other's is as if it were not enclosed.", func() packed {
			return sealedFor(twoFiles, false, map[int][]string{1: {oneKey}, 2: {twoKey}}).as().with(oneKey).wants(o.holds(1, "content.tree", "recomputed").
				shows(1, "not applicable", "content.tree", "encrypted to other readers").shows(1, "not applicable", "content.readers", "shows only with a key").shows(0, "holds", "sender.verdict", ""))
		}},
		{"x-readers-no-key", breaking, "Nobody gave a key: the sizes can be told from the encrypted copies, their content cannot.", func() packed {
			return sealedFor(twoFiles, false, both(oneKey)).as().wants(o.undecided(1, "content.tree", "no key was given").
				shows(1, "holds", "content.size", "by the length of the encrypted copy").shows(1, "not applicable", "content.readers", "shows only with a key").
				shows(0, "holds", "digest", firstSealed).shows(0, "holds", "sender.verdict", ""))
		}},
		{"x-readers-bag-no-key", breaking, "Nobody gave a key to the bag.", func() packed {
			return sealedFor(twoFiles, true, both(oneKey)).as().wants(o.undecided(1, "content.tree", "no key was given").shows(0, "holds", "digest", "payload/1.zip.age"))
		}},
		{"x-readers-strangers-key", breaking, "The key given is of no reader whom the package names.", func() packed {
			return sealedFor(twoFiles, false, both(oneKey)).as().with(twoKey).wants(o.undecided(1, "content.tree", "the key given is of none of them"))
		}},
		{"x-readers-changed", breaking, "The encrypted copy was changed after it was signed; it takes no key to see that.", func() packed {
			d := sealedFor(twoFiles, false, both(oneKey))
			d.files[firstSealed] = flipped(d.files[firstSealed])
			return d.as().wants(o.fails(0, "package.manifest", "signed another manifest"))
		}},
		{"x-readers-swapped", breaking, "The packer put each of two encrypted copies in the place of the other, and signed that.", func() packed {
			d := sealedFor(sameSize, false, both(oneKey))
			d.files[firstSealed], d.files[secondSealed] = d.files[secondSealed], d.files[firstSealed]
			return d.signed(nil, nil).with(oneKey).wants(o.fails(1, "content.tree", "is not the one that was sealed").shows(1, "holds", "content.size", ""))
		}},
		{"x-readers-other-plaintext", breaking, "What is encrypted is not what was sealed.", func() packed {
			return sealedFor(sameSize, false, both(oneKey)).put(firstSealed, []byte("the third!\n"), oneKey).with(oneKey).
				wants(o.fails(1, "content.tree", "is not the one that was sealed"))
		}},
		{"x-readers-other-plaintext-no-key", breaking, "What is encrypted is not what was sealed; without the key that cannot be seen.", func() packed {
			return sealedFor(sameSize, false, both(oneKey)).put(firstSealed, []byte("the third!\n"), oneKey).
				wants(o.undecided(1, "content.tree", "no key was given"))
		}},
		{"x-readers-other-length", breaking, "What is encrypted has another length than what was sealed; it takes no key to see that.", func() packed {
			return sealedFor(sameSize, false, both(oneKey)).put(firstSealed, []byte("something else\n"), oneKey).
				wants(o.fails(1, "content.size", "by its encrypted length"))
		}},
		{"x-readers-secret-reader", breaking, "The copy is encrypted to a reader whom the package does not name, too.", func() packed {
			return sealedFor(sameSize, false, both(oneKey)).put(firstSealed, sameSize[0].Content, oneKey, twoKey).with(oneKey).
				wants(o.undecided(1, "content.readers", "encrypted to others, too").shows(1, "holds", "content.tree", "recomputed"))
		}},
		{"x-readers-renamed", breaking, "What is encrypted to the reader is not what was sealed, and the package names somebody else as its reader.", func() packed {
			return sealedFor(sameSize, false, map[int][]string{1: {oneKey}, 2: {twoKey}}).put(secondSealed, []byte("the forged\n"), oneKey).with(oneKey).
				wants(o.fails(1, "content.tree", "is not the one that was sealed").shows(1, "undecided", "content.readers", "names others as its readers"))
		}},
		{"x-readers-unnamed", breaking, "The copy is what was sealed and opens for a reader whom the package does not name.", func() packed {
			return sealedFor(sameSize, false, map[int][]string{1: {oneKey}, 2: {twoKey}}).put(secondSealed, sameSize[1].Content, oneKey).with(oneKey).
				wants(o.undecided(1, "content.readers", "names others as its readers"))
		}},
		{"x-readers-another-instead", breaking, "The copy is encrypted to another reader than the one whom the package names.", func() packed {
			return sealedFor(sameSize, false, both(oneKey)).put(firstSealed, sameSize[0].Content, twoKey).with(oneKey).
				wants(o.undecided(1, "content.tree", "that key does not open it"))
		}},
		{"x-readers-damaged", breaking, "The packer signed an encrypted copy that is damaged in the middle.", func() packed {
			d := sealedFor(sameSize, false, both(oneKey))
			d.files[firstSealed] = flipped(d.files[firstSealed])
			return d.signed(nil, nil).with(oneKey).wants(o.undecided(1, "content.tree", "it is damaged"))
		}},
		{"x-readers-damaged-of-another", breaking, "The reader's key opens the header of a copy that is damaged at its end, and whose named reader is another.", func() packed {
			d := sealedFor(sameSize, false, map[int][]string{1: {oneKey}, 2: {twoKey}})
			d.put(secondSealed, []byte("the forged\n"), oneKey)
			d.files[secondSealed] = flipped(d.files[secondSealed])
			return d.signed(nil, nil).with(oneKey).wants(o.undecided(1, "content.tree", "it is damaged"))
		}},
		{"x-readers-not-encrypted", breaking, "The package names a reader of a copy that is not encrypted.", func() packed {
			d := sealedFor(sameSize, false, both(oneKey))
			d.files[firstSealed] = sameSize[0].Content
			return d.signed(nil, nil).wants(o.undecided(1, "content.readers", "it is no age file"))
		}},
		{"x-readers-member-and-whole", breaking, "One encrypted entry is named as a copy and as a bag with a member.", func() packed {
			d := sealedFor(sameSize, false, both(oneKey))
			d.files[pack.ItemsName] = bytes.Replace(d.files[pack.ItemsName], []byte(secondSealed+`","file":"file/2"`), []byte(firstSealed+`","file":"file/2","member":"2"`), 1)
			return d.signed(nil, nil).with(oneKey).wants(o.undecided(0, "dossier.form", "as a whole and with members"))
		}},
		{"x-readers-of-nothing", breaking, "A reader is named of a copy that is not enclosed.", func() packed {
			d := sealedFor(sameSize, false, both(oneKey))
			d.files[pack.ReadersName] = bytes.Replace(d.files[pack.ReadersName], []byte(secondSealed), []byte("payload/1/3.txt.age"), 1)
			return d.signed(nil, nil).wants(o.undecided(0, "dossier.form", "is no copy"))
		}},
	}
}
