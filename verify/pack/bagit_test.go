package pack_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
)

// baggingIt is a package of one item with copies of these contents in a BagIt bag.
func baggingIt(t *testing.T, contents [][]byte) pack.Writing {
	t.Helper()
	in := bagging(t, contents)
	for n := range contents {
		member := pack.BagMember(1, n+1)
		in.Payload[n].Member, in.Dossier.Items[0].Payload[n].Member = member, member
	}
	return in
}

// theBag returns the bag of the first item.
func theBag(t *testing.T, in pack.Writing) *asic.Bag {
	t.Helper()
	b, err := write(t, in)
	if err != nil {
		t.Fatal(err)
	}
	c, err := asic.Open(bytes.NewReader(b), int64(len(b)), asic.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Section(pack.BagName(1))
	if err != nil {
		t.Fatal(err)
	}
	bag, err := asic.OpenBag(s, s.Size(), asic.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return bag
}

// A bag is the one that spec/package.md describes, letter by letter.
func TestWriteBagIt(t *testing.T) {
	in := baggingIt(t, [][]byte{[]byte("first"), nil})
	bag := theBag(t, in)
	for i, want := range []struct{ name, content string }{
		{"1/bag-info.txt", "External-Description: data/N is file/N of this item in the package's record/inventory.csv\n" +
			"External-Identifier: " + in.Dossier.Items[0].Item.String() + "\nPayload-Oxum: 5.2\n"},
		{"1/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
		{"1/data/1", "first"},
		{"1/data/2", ""},
		{"1/manifest-sha256.txt", "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e  data/1\n" +
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  data/2\n"},
		{"1/tagmanifest-sha256.txt", ""},
	} {
		got, err := bag.ReadFile(bag.Member(i).Name, 1<<20)
		if err != nil || bag.Member(i).Name != want.name || want.content != "" && string(got) != want.content {
			t.Errorf("%s: %q, %v", bag.Member(i).Name, got, err)
		}
	}
	if bag.Len() != 6 {
		t.Errorf("%d members", bag.Len())
	}
	var tags []string
	for _, name := range []string{"bag-info.txt", "bagit.txt", "manifest-sha256.txt"} {
		b, err := bag.ReadFile("1/"+name, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, fmt.Sprintf("%s  %s\n", pack.NoteDigest(b), name))
	}
	if got, err := bag.ReadFile("1/tagmanifest-sha256.txt", 1<<20); err != nil || string(got) != strings.Join(tags, "") {
		t.Errorf("%q, %v", got, err)
	}
}

// However many copies there are, and however large, each has one line, with the digest
// of its content, in the order of the bag.
func TestWriteBagItLarge(t *testing.T) {
	contents := manyContents()
	bag := theBag(t, baggingIt(t, contents))
	var want []string
	for n, content := range contents {
		want = append(want, fmt.Sprintf("data/%d %s", n+1, pack.NoteDigest(content)))
		r, err := bag.Open(pack.BagMember(1, n+1))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("copy %d: %d bytes, %v", n+1, len(got), err)
		}
	}
	slices.Sort(want)
	manifest, err := bag.ReadFile("1/"+pack.ManifestTag, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(manifest)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		got = append(got, name+" "+sum)
	}
	if !slices.Equal(got, want) || bag.Len() != len(contents)+4 {
		t.Errorf("%d lines for %d copies in another order or with other digests, %d members", len(got), len(contents), bag.Len())
	}
}

// Where a copy is in a bag is not the writer's choice.
func TestBagItPlace(t *testing.T) {
	for name, change := range map[string]func(*pack.Enclosed){
		"number":      func(e *pack.Enclosed) { e.Member = "1/data/9" },
		"folder":      func(e *pack.Enclosed) { e.Member = "2/data/1" },
		"entry":       func(e *pack.Enclosed) { e.Entry = pack.BagName(2) },
		"extension":   func(e *pack.Enclosed) { e.Entry = "payload/1.bag" },
		"record name": func(e *pack.Enclosed) { e.File = "name/1" },
		"tag file":    func(e *pack.Enclosed) { e.Member = "1/bagit.txt" },
	} {
		in := baggingIt(t, [][]byte{[]byte("first")})
		change(&in.Payload[0].Enclosed)
		in.Dossier.Items[0].Payload[0] = in.Payload[0].Enclosed
		if _, err := write(t, in); err == nil || !strings.Contains(err.Error(), "is not where the copy of") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A copy whose digest the record does not show has the one that was found.
func TestBagItOf(t *testing.T) {
	d := handed(t)
	known := pack.Enclosed{Entry: pack.BagName(1), File: "file/1", Member: pack.BagMember(1, 1)}
	other := pack.Enclosed{Entry: pack.BagName(1), File: "file/2", Member: pack.BagMember(1, 2)}
	d.Items[0].Payload = []pack.Enclosed{other, known}
	found := evidence.DigestBytes([]byte("found"), evidence.WithSHA256)
	bags := d.Bags()
	b := bags.Of(pack.BagName(1), func(e pack.Enclosed) evidence.Digests {
		if e != other {
			t.Errorf("asked for %v", e)
		}
		return found
	})
	want := []pack.BagCopy{{Name: "data/1", Size: 1, SHA256: evidence.DigestBytes([]byte("a"), evidence.WithSHA256).SHA256}, {Name: "data/2", Size: 5, SHA256: found.SHA256}}
	if b == nil || b.Item != d.Items[0].Item || b.Folder != "1" || !slices.Equal(b.Copies, want) {
		t.Fatalf("%+v", b)
	}
	for _, none := range []string{pack.BagName(2), pack.Encrypted(pack.BagName(1)), "payload/1/1.txt"} {
		if bags.Of(none, nil) != nil {
			t.Errorf("%s is a bag", none)
		}
	}
}

// A copy of the file in another entry says nothing of the one in the bag.
func TestBagItOfFileTwice(t *testing.T) {
	d := handed(t)
	whole := pack.Enclosed{Entry: pack.PayloadName(1, 2, ".txt"), File: "file/2"}
	member := pack.Enclosed{Entry: pack.BagName(1), File: "file/2", Member: pack.BagMember(1, 2)}
	sealed := member
	sealed.Entry = pack.Encrypted(member.Entry)
	d.Items[0].Payload = []pack.Enclosed{whole, sealed, member}
	for _, want := range []pack.Enclosed{member, sealed} {
		b := d.Bags().Of(want.Entry, func(e pack.Enclosed) evidence.Digests {
			return evidence.DigestBytes([]byte(e.Entry), evidence.WithSHA256)
		})
		if b == nil || len(b.Copies) != 1 || b.Copies[0].SHA256 != pack.NoteDigest([]byte(want.Entry)) {
			t.Errorf("%s: %+v", want.Entry, b)
		}
	}
}

// However many bags are asked about, and however many events there are, each event is
// looked at once: asking takes no more for a long history than for a short one.
func TestBagsLookOnce(t *testing.T) {
	asking := func(events int) float64 {
		d := handed(t)
		d.Items[0].Payload = []pack.Enclosed{{Entry: pack.BagName(1), File: "file/1", Member: pack.BagMember(1, 1)}}
		d.Events = slices.Repeat(d.Events, events/len(d.Events)+1)
		bags := d.Bags()
		return testing.AllocsPerRun(10, func() {
			if bags.Of(pack.BagName(1), nil) == nil {
				t.Error("no bag")
			}
		})
	}
	if few, many := asking(1), asking(500); many > few {
		t.Errorf("%.0f allocations with 500 events, %.0f with a few", many, few)
	}
}
