package pack_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// bagging is a package of one item with copies of these contents in a bag.
func bagging(t *testing.T, contents [][]byte) pack.Writing {
	t.Helper()
	in := writing(t)
	in.Payload, in.Dossier.Items[0].Payload = nil, nil
	for n, content := range contents {
		e := pack.Enclosed{Entry: pack.BagName(1), File: evidence.FileName(n + 1), Member: fmt.Sprint(n + 1)}
		in.Dossier.Items[0].Payload = append(in.Dossier.Items[0].Payload, e)
		in.Payload = append(in.Payload, pack.Source{Enclosed: e, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content)), nil
		}})
	}
	return in
}

// manyContents are more than a batch of members has, in number and in bytes, and one
// that is larger than any batch.
func manyContents() (all [][]byte) {
	for n := range 1500 {
		all = append(all, bytes.Repeat([]byte{byte(n)}, n%7*2000))
	}
	return slices.Insert(all, 700, bytes.Repeat([]byte("large"), 2<<20))
}

// A bag has every member as it is, in its order, however large; and what was found of
// each are its digests.
func TestWriteBag(t *testing.T) {
	contents := manyContents()
	in := bagging(t, contents)
	found := pack.Contents{}
	verdict := in.Verdict
	in.Verdict = func(c pack.Contents, at time.Time) (io.WriterTo, error) { found = c; return verdict(c, at) }
	bag := theBag(t, in)
	if bag.Len() != len(contents) || len(found) != len(contents) {
		t.Fatalf("%d members, %d found", bag.Len(), len(found))
	}
	for n, content := range contents {
		member := fmt.Sprint(n + 1)
		r, err := bag.Open(member)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("member %s: %d bytes, %v", member, len(got), err)
		}
		if got := found[pack.Enclosed{Entry: pack.BagName(1), Member: member}]; got != evidence.DigestBytes(content, evidence.WithSHA256) {
			t.Fatalf("member %s: %+v", member, got)
		}
	}
}

// A member that is not as long as was said, that cannot be read, or that is another one
// when it is read again, ends the package.
func TestWriteBagRefuses(t *testing.T) {
	broken := errors.New("the disk is broken")
	for name, change := range map[string]func(s, large *pack.Source){
		"10000 bytes where 10001 were announced": func(s, _ *pack.Source) { s.Size++ },
		"10000 bytes where 9999 were announced":  func(s, _ *pack.Source) { s.Size-- },
		"bytes where 10485761 were announced":    func(_, l *pack.Source) { l.Size++ },
		broken.Error():                           func(s, _ *pack.Source) { s.Open = func() (io.ReadCloser, error) { return nil, broken } },
		"large: " + broken.Error():               func(_, l *pack.Source) { l.Open = func() (io.ReadCloser, error) { return nil, broken } },
		"not what was stated": func(_, l *pack.Source) {
			var asked atomic.Int32
			l.Open = func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(strings.Repeat(fmt.Sprint(asked.Add(1)), int(l.Size)))), nil
			}
		},
	} {
		in := bagging(t, manyContents())
		change(&in.Payload[5], &in.Payload[700])
		if _, err := write(t, in); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(name, "large: ")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
