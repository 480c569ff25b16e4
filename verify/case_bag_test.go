package verify_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

const theBag = "payload/1.zip"

// inBag is a package whose copies are in a BagIt bag.
func inBag() *delivery {
	return deliveredBy(func(s *stage) verifytest.Packing { return verifytest.Packing{By: s.bob, Bags: true} })
}

// unbagged returns the members of a bag.
func unbagged(b []byte) map[string][]byte {
	bag, err := asic.OpenBag(bytes.NewReader(b), int64(len(b)), asic.Limits{})
	must(err)
	all := map[string][]byte{}
	for i := range bag.Len() {
		name := bag.Member(i).Name
		all[name], err = bag.ReadFile(name, 1<<20)
		must(err)
	}
	return all
}

// rebagged writes a bag with those members.
func rebagged(members map[string][]byte) []byte {
	var b bytes.Buffer
	w := asic.NewBagWriter(&b, asic.Limits{})
	for _, name := range slices.Sorted(maps.Keys(members)) {
		must(w.WriteFile(name, members[name]))
	}
	must(w.Close())
	return b.Bytes()
}

// forged changes the bag in a package, which the packer then signs.
func forged(change func(members map[string][]byte)) packed {
	d := inBag()
	members := unbagged(d.files[theBag])
	change(members)
	d.files[theBag] = rebagged(members)
	return d.signed(nil, nil)
}

// lines changes the lines of the manifest in a bag.
func lines(change func(lines []string) []string) packed {
	return forged(func(m map[string][]byte) { manifested(m, change) })
}

// manifested changes the lines of the manifest among the members of a bag.
func manifested(members map[string][]byte, change func(lines []string) []string) {
	const manifest = "1/" + pack.ManifestTag
	lines := slices.Collect(strings.Lines(string(members[manifest])))
	members[manifest] = []byte(strings.Join(change(lines), ""))
}

// bagCases are about the bag in a package, of which all but the copies follows from
// the items and their records (spec/package.md, "Bag").
func bagCases() []packageCase {
	var o outcome
	tree := func(p packed) packed { p.opts.TreeOnly = true; return p }
	return []packageCase{
		{"p16-bagit", holding, "The copies are in a BagIt bag.", func() packed {
			return inBag().as().wants(o.holds(0, "package.bag", theBag).shows(0, "holds", "digest", theBag).shows(1, "holds", "content.tree", "recomputed"))
		}},
		{"p16-bagit-tree-only", holding, "The plain digests were not recomputed: the bag's manifest is held against those that the record states.", func() packed {
			return tree(inBag().as()).wants(o.holds(0, "package.bag", theBag).shows(0, "not applicable", "digest", "was not recomputed"))
		}},
		{"p16-bagit-part", holding, "One of two files is not enclosed: neither in the bag nor in its manifest.", func() packed {
			return partly().as().wants(o.holds(0, "package.bag", theBag).shows(1, "not applicable", "content.enclosed", "is not enclosed"))
		}},
		{"p16-bagit-held-back", breaking, "The digests of a copy are held back; the bag's manifest states the one that its content has.", func() packed {
			return unshown().as().wants(o.undecided(1, "content.tree", "its value is held back").shows(0, "holds", "package.bag", theBag))
		}},
		{"p16-bagit-held-back-tree-only", breaking, "The digests of a copy are held back, and its SHA-256 was not recomputed.", func() packed {
			return tree(unshown().as()).wants(o.undecided(0, "package.bag", "neither shown nor recomputed"))
		}},
		{"p16-bagit-file-twice", breaking, "A file whose digests are held back has two copies that differ; the bag's manifest states the digest of the one in the bag.", func() packed {
			return twice().as().wants(o.undecided(1, "content.tree", "its value is held back").shows(0, "holds", "package.bag", theBag))
		}},
		{"p16-bagit-file-twice-other", breaking, "A file whose digests are held back has two copies that differ; the bag's manifest states the digest of the one that is not in the bag.", func() packed {
			return statingOther(twice()).wants(o.fails(0, "package.bag", `another SHA-256 of "data/2" than belongs to it`))
		}},
		{"p16-bagit-copy", breaking, "A copy in the bag was changed, and its manifest with it.", func() packed {
			return forged(func(m map[string][]byte) {
				m["1/data/2"] = []byte("the forged\n")
				manifested(m, func(l []string) []string {
					l[1] = pack.NoteDigest(m["1/data/2"]).String() + "  data/2\n"
					return l
				})
			}).wants(o.fails(1, "content.sha256", "not the one that was sealed").shows(0, "fails", "package.bag", "another SHA-256"))
		}},
		{"p16-bagit-copy-missing", breaking, "A copy that an item names is not in the bag.", func() packed {
			return forged(func(m map[string][]byte) { delete(m, "1/data/2") }).wants(o.undecided(0, "package.bag", `has no "data/2"`).shows(1, "undecided", "content.tree", "cannot be read"))
		}},
		{"p16-bagit-copy-more", breaking, "There is a copy in the bag that no item names.", func() packed {
			return forged(func(m map[string][]byte) { m["1/data/3"] = []byte("more\n") }).wants(o.undecided(0, "package.bag", `has "data/3"`))
		}},
		{"p16-bagit-file-more", breaking, "There is a file in the bag that is outside data/ and belongs to no bag.", func() packed {
			return forged(func(m map[string][]byte) { m["1/notes.txt"] = []byte("more\n") }).wants(o.undecided(0, "package.bag", `has "notes.txt"`))
		}},
		{"p16-bagit-file-last", breaking, "There is a file behind all that belong to the bag.", func() packed {
			return forged(func(m map[string][]byte) { m["1/z.txt"] = []byte("more\n") }).wants(o.undecided(0, "package.bag", `has "z.txt"`))
		}},
		{"p16-bagit-other-folder", breaking, "A copy is in another folder than the rest of the bag.", func() packed {
			return forged(func(m map[string][]byte) { m["2/data/2"] = m["1/data/2"]; delete(m, "1/data/2") }).
				wants(o.undecided(0, "package.bag", `has "2/data/2", which is not in its one folder`))
		}},
		{"p16-bagit-no-manifest", breaking, "The bag has no manifest.", func() packed {
			return forged(func(m map[string][]byte) { delete(m, "1/manifest-sha256.txt") }).wants(o.undecided(0, "package.bag", `has no "manifest-sha256.txt"`))
		}},
		{"p16-bagit-version", breaking, "The bag declares another version of BagIt.", func() packed {
			return forged(func(m map[string][]byte) {
				m["1/bagit.txt"] = bytes.Replace(m["1/bagit.txt"], []byte("1.0"), []byte("0.97"), 1)
			}).wants(o.fails(0, "package.bag", `"bagit.txt" of the bag is not the one`))
		}},
		{"p16-bagit-info", breaking, "The bag says that it has more copies than it has.", func() packed {
			return forged(func(m map[string][]byte) {
				m["1/bag-info.txt"] = bytes.Replace(m["1/bag-info.txt"], []byte(".2\n"), []byte(".3\n"), 1)
			}).wants(o.fails(0, "package.bag", `"bag-info.txt" of the bag is not the one`))
		}},
		{"p16-bagit-two-items", holding, "Each of two items has its copies in a bag of its own, which names it.", func() packed {
			d, _ := ofTwoItems()
			return d.as().wants(o.holds(0, "package.bag", theBag).shows(0, "holds", "package.bag", pack.BagName(2)))
		}},
		{"p16-bagit-other-item", breaking, "The bag of one item says that it is of another.", func() packed {
			d, other := ofTwoItems()
			members := unbagged(d.files[pack.BagName(2)])
			members["2/bag-info.txt"] = bytes.Replace(members["2/bag-info.txt"], []byte(other.ID.String()), []byte(d.item.ID.String()), 1)
			d.files[pack.BagName(2)] = rebagged(members)
			return packed{verifytest.Resign(d.files, d.ann, nil, nil), outcome{trust: d.w.Trust()}}.
				wants(o.fails(0, "package.bag", `"bag-info.txt" of the bag is not the one`).shows(0, "holds", "package.bag", theBag))
		}},
		{"p16-bagit-info-more", breaking, "The bag names a person in a line more.", func() packed {
			return forged(func(m map[string][]byte) {
				m["1/bag-info.txt"] = append(m["1/bag-info.txt"], "Contact-Name: Ann\n"...)
			}).wants(o.fails(0, "package.bag", `"bag-info.txt" of the bag is not the one`))
		}},
		{"p16-bagit-tags", breaking, "The bag's list of its own files states the digest of another manifest.", func() packed {
			return forged(func(m map[string][]byte) {
				was := pack.NoteDigest(m["1/manifest-sha256.txt"]).String()
				m["1/tagmanifest-sha256.txt"] = bytes.Replace(m["1/tagmanifest-sha256.txt"], []byte(was), []byte(evidence.Hash{1}.String()), 1)
			}).wants(o.fails(0, "package.bag", `"tagmanifest-sha256.txt" of the bag is not the one`))
		}},
		{"p16-bagit-line-missing", breaking, "The bag's manifest leaves out a copy.", func() packed {
			return lines(func(l []string) []string { return l[1:] }).wants(o.fails(0, "package.bag", `has no line for "data/1"`))
		}},
		{"p16-bagit-line-last-missing", breaking, "The bag's manifest ends before its last copy.", func() packed {
			return lines(func(l []string) []string { return l[:1] }).wants(o.fails(0, "package.bag", `has no line for "data/2"`))
		}},
		{"p16-bagit-line-more", breaking, "The bag's manifest names a copy that is not there.", func() packed {
			return lines(func(l []string) []string { return append(l, evidence.Hash{1}.String()+"  data/3\n") }).
				wants(o.fails(0, "package.bag", `names "data/3", which has no place there`))
		}},
		{"p16-bagit-line-twice", breaking, "The bag's manifest names a copy twice.", func() packed {
			return lines(func(l []string) []string { return slices.Insert(l, 1, l[0]) }).wants(o.fails(0, "package.bag", `names "data/1" twice`))
		}},
		{"p16-bagit-line-order", breaking, "The lines of the bag's manifest are in another order.", func() packed {
			return lines(func(l []string) []string { return []string{l[1], l[0]} }).wants(o.fails(0, "package.bag", `has no line for "data/1" in its place`))
		}},
		{"p16-bagit-line-digest", breaking, "The bag's manifest states of one copy the digest of another.", func() packed {
			return lines(func(l []string) []string { return []string{l[0], l[0][:64] + l[1][64:]} }).
				wants(o.fails(0, "package.bag", `another SHA-256 of "data/2" than belongs to it`).shows(1, "holds", "content.sha256", "recomputed"))
		}},
		{"p16-bagit-line-digest-tree-only", breaking, "The bag's manifest states another digest than the record; no plain digest was recomputed.", func() packed {
			return tree(lines(func(l []string) []string { return []string{l[0], l[0][:64] + l[1][64:]} })).
				wants(o.fails(0, "package.bag", `another SHA-256 of "data/2" than belongs to it`))
		}},
		{"p16-bagit-line-form", breaking, "A digest in the bag's manifest is in upper case.", func() packed {
			return lines(func(l []string) []string { return []string{strings.ToUpper(l[0][:64]) + l[0][64:], l[1]} }).
				wants(o.fails(0, "package.bag", "line 1 of the bag's manifest is not in its one form"))
		}},
		{"p16-bagit-line-end", breaking, "The last line of the bag's manifest has no end.", func() packed {
			return lines(func(l []string) []string { return []string{l[0], strings.TrimSuffix(l[1], "\n")} }).
				wants(o.fails(0, "package.bag", "line 2 of the bag's manifest is not in its one form"))
		}},
		{"p16-bagit-line-long", breaking, "The bag's manifest has a line without end.", func() packed {
			return lines(func(l []string) []string { return append(l, strings.Repeat("0", 9000)) }).
				wants(o.fails(0, "package.bag", "line 3 of the bag's manifest is not in its one form"))
		}},
		{"p16-bagit-damaged", breaking, "The bag's manifest is damaged, which its checksum shows.", func() packed {
			d := inBag()
			digest := []byte(pack.NoteDigest(twoFiles[0].Content).String() + "  data/1")
			b := bytes.Clone(d.files[theBag])
			b[bytes.Index(b, digest)] ^= 1
			d.files[theBag] = b
			return d.signed(nil, nil).wants(o.undecided(0, "package.bag", "it is damaged"))
		}},
		{"p16-bagit-member", breaking, "An item names a copy in the bag as that of another file.", func() packed {
			return named(`"member":"1/data/2"`, `"member":"1/data/3"`).wants(o.undecided(0, "dossier.form", "is not where the copy of"))
		}},
		{"p16-bagit-member-folder", breaking, "An item names a copy in another folder than that of its own bag.", func() packed {
			return named(`"member":"1/data/2"`, `"member":"2/data/2"`).wants(o.undecided(0, "dossier.form", "is not where the copy of"))
		}},
		{"p16-bagit-two-kinds", breaking, "One entry is named as a BagIt bag and as one of the earlier form.", func() packed {
			return named(`"member":"1/data/2"`, `"member":"2"`).wants(o.undecided(0, "dossier.form", "members of two kinds"))
		}},
		{"p16-bagit-as-plain", breaking, "A BagIt bag is named as one of the earlier form, of which it has other members.", func() packed {
			d := inBag()
			d.files[pack.ItemsName] = bytes.ReplaceAll(d.files[pack.ItemsName], []byte("1/data/"), nil)
			return d.signed(nil, nil).wants(o.undecided(0, "digest", "the bag has 6 members and the items name 2").shows(1, "undecided", "content.tree", "cannot be read"))
		}},
		{"p16-plain-as-bagit", breaking, "A bag of the earlier form is named as a BagIt bag.", func() packed {
			d := deliveredBy(func(s *stage) verifytest.Packing { return verifytest.Packing{By: s.bob, Plain: true} })
			d.files[pack.ItemsName] = bytes.ReplaceAll(d.files[pack.ItemsName], []byte(`"member":"`), []byte(`"member":"1/data/`))
			return d.signed(nil, nil).wants(o.undecided(0, "package.bag", "which is not in its one folder"))
		}},
		{"x-readers-bagit", holding, "The copies are in a BagIt bag that is encrypted as a whole.", func() packed {
			return sealedBag(both(oneKey)).as().with(oneKey).wants(o.holds(0, "package.bag", theBag+".age").shows(1, "holds", "content.tree", "recomputed"))
		}},
		{"x-readers-bagit-no-key", breaking, "Nobody gave a key to the BagIt bag, so nobody sees what its manifest states.", func() packed {
			return sealedBag(both(oneKey)).as().wants(o.undecided(1, "content.tree", "no key was given").shows(0, "holds", "digest", theBag+".age"))
		}},
		{"x-readers-bagit-line-digest", breaking, "The manifest in an encrypted bag states another digest than the record.", func() packed {
			members := unbagged(inBag().files[theBag])
			manifested(members, func(l []string) []string { return []string{l[0], l[0][:64] + l[1][64:]} })
			return sealedBag(both(oneKey)).put(theBag+".age", rebagged(members), oneKey).with(oneKey).
				wants(o.fails(0, "package.bag", `another SHA-256 of "data/2" than belongs to it`))
		}},
		{"x-readers-bagit-damaged", breaking, "The manifest in an encrypted bag is damaged.", func() packed {
			b := inBag().files[theBag]
			b[bytes.Index(b, []byte("  data/1\n"))-1] ^= 1
			return sealedBag(both(oneKey)).put(theBag+".age", b, oneKey).with(oneKey).wants(o.undecided(0, "package.bag", "it is damaged"))
		}},
	}
}

// named is a package with a bag whose items say something else of it.
func named(is, becomes string) packed {
	d := inBag()
	d.files[pack.ItemsName] = replaced(d.files[pack.ItemsName], is, becomes)
	return d.signed(nil, nil)
}

// partly is a package with a copy of the first of two files in a bag.
func partly() *delivery {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	b := s.w.Package(verifytest.Packing{By: s.ann, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles[:1]}, Bags: true})
	return &delivery{s, verifytest.Files(b)}
}

// ofTwoItems is a package with two items, each with its copies in a bag; it returns the
// second, too.
func ofTwoItems() (*delivery, *verifytest.Item) {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	other := s.ann.Collect(verifytest.Record{Files: twoFiles[:1]})
	b := s.w.Package(verifytest.Packing{By: s.ann, Items: []*verifytest.Item{s.item, other}, Files: [][]verifytest.File{twoFiles, twoFiles[:1]}, Bags: true})
	return &delivery{s, verifytest.Files(b)}, other
}

// unshown is a package with copies in a bag of which one has its digests held back.
func unshown() *delivery {
	return deliveredBy(func(s *stage) verifytest.Packing {
		s.item.Events[0].Hide(hide("file/2", false))
		return verifytest.Packing{By: s.bob, Bags: true}
	})
}

// otherCopy is the copy of a file that is not the one in the bag, and as long.
var otherCopy = []byte("the forged\n")

// twice is a package with a copy of the second file, which has its digests held back, in
// the bag, and before it another as an entry of its own.
func twice() *delivery {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.item.Events[0].Hide(hide("file/2", false))
	d := s.w.DossierWith([]*verifytest.Officer{s.ann}, s.item)
	var sources []pack.Source
	for _, c := range []struct {
		pack.Enclosed
		content []byte
	}{
		{pack.Enclosed{Entry: theBag, File: "file/1", Member: pack.BagMember(1, 1)}, twoFiles[0].Content},
		{pack.Enclosed{Entry: pack.PayloadName(1, 2, ".txt"), File: "file/2"}, otherCopy},
		{pack.Enclosed{Entry: theBag, File: "file/2", Member: pack.BagMember(1, 2)}, twoFiles[1].Content},
	} {
		d.Items[0].Payload = append(d.Items[0].Payload, c.Enclosed)
		sources = append(sources, pack.Source{Enclosed: c.Enclosed, Size: int64(len(c.content)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(c.content)), nil
		}})
	}
	return &delivery{s, verifytest.Files(s.w.Write(verifytest.Packing{By: s.ann}, d, sources))}
}

// statingOther has the manifest in the bag of [twice] state the digest of the copy that
// is not in the bag; all else of the bag and the package follows from that.
func statingOther(d *delivery) packed {
	members := unbagged(d.files[theBag])
	manifested(members, func(l []string) []string {
		return []string{l[0], pack.NoteDigest(otherCopy).String() + "  data/2\n"}
	})
	members["1/tagmanifest-sha256.txt"] = tagged(members)
	d.files[theBag] = rebagged(members)
	return packed{verifytest.Resign(d.files, d.ann, nil, nil), outcome{trust: d.w.Trust()}}
}

// tagged returns the manifest of a bag's own files.
func tagged(members map[string][]byte) []byte {
	var b bytes.Buffer
	for _, name := range []string{"bag-info.txt", "bagit.txt", pack.ManifestTag} {
		fmt.Fprintf(&b, "%s  %s\n", pack.NoteDigest(members["1/"+name]), name)
	}
	return b.Bytes()
}

// sealedBag is a package with both copies in a bag that is encrypted as a whole.
func sealedBag(to map[int][]string) *delivery {
	return sealedAs(verifytest.Packing{Bags: true}, twoFiles, to)
}
