package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"pgregory.net/rapid"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
)

// search looks for needle in every file below the desk, as it is and decrypted
// with every key that is left: those of desk and recovery, and every identity
// that they lead to.
func (d *desk) search(needle []byte) (found []string) {
	d.t.Helper()
	identities := []age.Identity{d.own, d.recovery}
	plain := map[string][]byte{}
	for more := true; more; {
		more = false
		for _, name := range append(d.everything(), "vault/register", "vault/register.key") {
			if plain[name] != nil {
				continue
			}
			b, err := os.ReadFile(filepath.Join(d.dir, name))
			if err != nil {
				d.t.Fatal(err)
			}
			if bytes.Contains(b, needle) {
				found = append(found, name+" as it is")
			}
			r, err := age.Decrypt(bytes.NewReader(b), identities...)
			if err != nil {
				continue
			}
			if plain[name], err = io.ReadAll(r); err != nil {
				d.t.Fatal(err)
			}
			if ids, err := age.ParseIdentities(bytes.NewReader(plain[name])); err == nil {
				identities, more = append(identities, ids...), true
			}
		}
	}
	for name, b := range plain {
		if bytes.Contains(b, needle) {
			found = append(found, name)
		}
	}
	return found
}

// TestSearchFinds: the search of these tests finds what is there.
func TestSearchFinds(t *testing.T) {
	d := newDesk(t)
	want := map[string][]byte{"small": []byte("NEEDLE-1 in a haystack"), "large": append(noise(1, 2*mib), "NEEDLE-2"...)}
	d.seal(folder(t, want))
	if err := d.PutBody(t.Context(), evidence.ItemID{1}, 0, bytes.NewReader([]byte(`"NEEDLE-3"`))); err != nil {
		t.Fatal(err)
	}
	for _, needle := range []string{"NEEDLE-1", "NEEDLE-2", "NEEDLE-3"} {
		if found := d.search([]byte(needle)); len(found) != 1 {
			t.Errorf("%s: %q", needle, found)
		}
	}
}

// TestEraseFile erases one file of a pack: it is gone from everywhere, and its
// neighbours are where the record says.
func TestEraseFile(t *testing.T) {
	d := newDesk(t)
	want := map[string][]byte{
		"a": bytes.Repeat([]byte("file of a neighbour "), 500), "b": bytes.Repeat([]byte("CONFIDENTIAL, of a protected person "), 5000), "c": noise(3, 70_000),
	}
	values := d.seal(folder(t, want))
	old := values[1].Stored.Object
	oldKey := d.keyText(old)
	cipher, err := os.ReadFile(d.store.Path(old))
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Hour)
	r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[1:2]})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Objects) != 1 || r.Objects[0].Object != old || r.Objects[0].Rewritten == nil || r.Done == nil || !r.Ordered.Equal(d.now) {
		t.Errorf("report %+v", r)
	}
	if found := d.search([]byte("CONFIDENTIAL")); len(found) > 0 {
		t.Errorf("found in %q", found)
	}
	// The old key is nowhere: a copy of the old ciphertext cannot be opened.
	if _, err := age.Decrypt(bytes.NewReader(cipher), parseIdentity(t, string(d.keyText(old)))); err == nil {
		t.Error("the key in the vault opens the old object")
	}
	if found := d.search(oldKey); len(found) > 0 {
		t.Errorf("the old key is in %q", found)
	}
	if _, err := os.Lstat(d.store.Path(old)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old object: %v", err)
	}
	for range 2 {
		if _, err := d.Open(t.Context(), values[1]); !errors.Is(err, vault.ErrErased) {
			t.Errorf("open: %v", err)
		}
		d.checkContent([]evidence.FileValue{values[0], values[2]}, want)
		d.reopen()
	}
	// Again, and what is left: the first time only is reported, the pack goes.
	again, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[1:2]})
	if err != nil || len(again.Objects) != 1 || !again.Ordered.Equal(r.Ordered) {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values}); err != nil || d.objects() != 0 {
		t.Errorf("the rest: %v, %d objects", err, d.objects())
	}
	if reports, err := d.Reports(t.Context()); err != nil || len(reports) != 2 {
		t.Errorf("%d reports, %v", len(reports), err)
	}
}

// keyText returns the identity in the key file of an object.
func (d *desk) keyText(name evidence.ObjectName) []byte {
	d.t.Helper()
	f, err := os.Open(filepath.Join(d.dir, "vault", "keys", name.String()+".age"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	r, err := age.Decrypt(f, d.recovery)
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		d.t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	return lines[len(lines)-1]
}

// TestEraseAllButEmpty: an empty file outlives the pack that it has no byte of.
func TestEraseAllButEmpty(t *testing.T) {
	d := newDesk(t)
	want := map[string][]byte{"empty": {}, "full": []byte("all that the pack has"), "void": {}}
	values := d.seal(folder(t, want))
	if _, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[1:2]}); err != nil || d.objects() != 0 {
		t.Fatalf("%v, %d objects", err, d.objects())
	}
	for range 2 {
		d.checkContent([]evidence.FileValue{values[0], values[2]}, want)
		if _, err := d.Open(t.Context(), values[1]); !errors.Is(err, vault.ErrNoKey) {
			t.Errorf("erased: %v", err)
		}
		d.reopen()
	}
}

// TestErasePackOfProtected: what was sealed as one protected person's has packs
// of its own, so that nothing has to be written anew when it goes.
func TestErasePackOfProtected(t *testing.T) {
	d := newDesk(t)
	want := map[string][]byte{"statement": []byte("PROTECTED words"), "photo": noise(1, 30_000)}
	in := intake(t, folder(t, want))
	in.Protected = true
	values, err := d.ingest(t.Context(), in)
	if err != nil || d.Commit(t.Context(), values) != nil {
		t.Fatal(err)
	}
	others := map[string][]byte{"other": []byte("of another person")}
	rest := d.seal(folder(t, others))
	if rest[0].Stored.Object == values[0].Stored.Object {
		t.Error("a pack is shared with another sealing")
	}
	r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values})
	if err != nil || len(r.Objects) != 1 || !r.Objects[0].Protected || r.Objects[0].Rewritten != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	if found := d.search([]byte("PROTECTED")); len(found) > 0 {
		t.Errorf("found in %q", found)
	}
	d.checkContent(rest, others)
}

// TestEraseEvents destroys bodies; the stubs stay, and nothing brings them back.
func TestEraseEvents(t *testing.T) {
	d := newDesk(t)
	item := evidence.ItemID{5}
	for seq := range uint64(3) {
		if err := d.PutBody(t.Context(), item, seq, bytes.NewReader([]byte(`"BODY `+string(rune('0'+seq))+` with a name"`))); err != nil {
			t.Fatal(err)
		}
	}
	stub := storyStub()
	stub.Item, stub.Seq = item, 1
	if _, err := d.Erase(t.Context(), vault.Erasure{Item: item, Bodies: []vault.Stub{stub}}); err != nil {
		t.Fatal(err)
	}
	if found := d.search([]byte("BODY 1")); len(found) > 0 {
		t.Errorf("found in %q", found)
	}
	bodies, err := d.Bodies(t.Context(), item)
	if err != nil || len(bodies) != 2 || !bytes.Contains(bodies[0], []byte("BODY 0")) || !bytes.Contains(bodies[1], []byte("BODY 2")) {
		t.Errorf("%q, %v", bodies, err)
	}
	if has, err := d.HasBody(t.Context(), item, 1); has || err != nil {
		t.Errorf("body 1: %v, %v", has, err)
	}
	if stubs, err := d.Stubs(t.Context(), item); err != nil || !slices.Equal(stubs, []vault.Stub{stub}) {
		t.Errorf("%+v, %v", stubs, err)
	}
	if err := d.PutBody(t.Context(), item, 1, strings.NewReader(`"BODY 1"`)); !errors.Is(err, vault.ErrErased) {
		t.Errorf("put again: %v", err)
	}
	if items, err := d.Items(t.Context()); err != nil || !slices.Equal(items, []evidence.ItemID{item}) {
		t.Errorf("%v, %v", items, err)
	}
}

// TestEraseHolders: the report names everyone who ever got a key (rule P24).
func TestEraseHolders(t *testing.T) {
	d := newDesk(t)
	values := d.seal(folder(t, map[string][]byte{"a": []byte("x"), "large": noise(1, 2*mib)}))
	abroad := newIdentity(t).Recipient().String()
	for range 2 { // the second time changes nothing
		if _, err := d.Release(t.Context(), values[0].Stored.Object, abroad); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Hour)
	}
	r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values})
	if err != nil {
		t.Fatal(err)
	}
	d.reopen()
	reports, err := d.Reports(t.Context())
	if err != nil || len(reports) != 1 || len(reports[0].Objects) != 2 || len(r.Objects) != 2 {
		t.Fatalf("%+v, %v", reports, err)
	}
	begun := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	own := []vault.Holder{{d.own.Recipient().String(), begun}, {d.recovery.Recipient().String(), begun}}
	for i, want := range [][]vault.Holder{append(slices.Clone(own), vault.Holder{Recipient: abroad, Since: begun}), own} {
		if got := reports[0].Objects[i].Holders; !slices.Equal(got, want) || !slices.Equal(r.Objects[i].Holders, want) {
			t.Errorf("object %d: %+v, want %+v", i, got, want)
		}
	}
}

// TestEraseHoldersOfOldKey: who got a pack before a part of it was erased still
// has the rest, and is named when that is erased (rule P24).
func TestEraseHoldersOfOldKey(t *testing.T) {
	d := newDesk(t)
	values := d.seal(folder(t, map[string][]byte{"a": []byte("x"), "b": []byte("y")}))
	abroad := newIdentity(t).Recipient().String()
	if _, err := d.Release(t.Context(), values[0].Stored.Object, abroad); err != nil {
		t.Fatal(err)
	}
	for i := range values {
		r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[i : i+1]})
		if err != nil || len(r.Objects) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if !slices.ContainsFunc(r.Objects[0].Holders, func(h vault.Holder) bool { return h.Recipient == abroad }) {
			t.Errorf("erasure %d does not name the receiver: %+v", i, r.Objects[0].Holders)
		}
	}
}

// TestEraseGoesOn: an erasure that failed is carried out before the next thing
// is done in the same process.
func TestEraseGoesOn(t *testing.T) {
	for name, next := range map[string]func(*desk) error{
		"erasing": func(d *desk) error {
			_, err := d.Erase(d.t.Context(), vault.Erasure{Item: evidence.ItemID{2}})
			return err
		},
		"sealing": func(d *desk) error {
			_, err := d.ingest(d.t.Context(), intake(d.t, folder(d.t, map[string][]byte{"c": []byte("z")})))
			return err
		},
	} {
		d := newDesk(t)
		want := map[string][]byte{"a": []byte("ERASE THIS"), "b": []byte("y")}
		values := d.seal(folder(t, want))
		broken := false
		d.files.Fault = func(op durable.Op, path string) (bool, error) {
			if broken && op == durable.OpPlace && strings.Contains(path, "objects") {
				return false, errBroken
			}
			return false, nil
		}
		d.reopen()
		broken = true
		if _, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[:1]}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
		broken = false
		if err := next(d); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if found := d.search([]byte("ERASE THIS")); len(found) > 0 {
			t.Errorf("%s: found in %q", name, found)
		}
		d.checkContent(values[1:], want)
	}
}

// retaining is a store that must keep what it has.
type retaining struct{ store.Store }

func (r retaining) Delete(ctx context.Context, name evidence.ObjectName) error {
	if _, err := r.Stat(ctx, name); err != nil {
		return err
	}
	return store.ErrRetained
}

// TestEraseUnderRetention: the ciphertext stays, and nobody here can open it.
func TestEraseUnderRetention(t *testing.T) {
	d := newDesk(t)
	values := d.seal(folder(t, map[string][]byte{"a": []byte("RETAINED"), "b": []byte("stays")}))
	d.Vault.Close()
	o := d.options()
	o.Store = retaining{d.store}
	v, err := vault.Open(t.Context(), filepath.Join(d.dir, "vault"), o)
	if err != nil {
		t.Fatal(err)
	}
	d.Vault = v
	r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[:1]})
	if err != nil || !r.Objects[0].Kept {
		t.Fatalf("%+v, %v", r, err)
	}
	found := d.search([]byte("RETAINED"))
	if _, err := d.Open(t.Context(), values[0]); !errors.Is(err, vault.ErrErased) || len(found) > 0 || d.objects() != 2 {
		t.Errorf("%v; found in %q; %d objects", err, found, d.objects())
	}
	d.checkContent(values[1:], map[string][]byte{"b": []byte("stays")})
	// A sealing that is given up: what cannot be deleted cannot be opened either.
	if _, err := d.ingest(t.Context(), intake(t, folder(t, map[string][]byte{"c": []byte("GIVEN UP")}))); err != nil {
		t.Fatal(err)
	}
	if err := d.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := d.search([]byte("GIVEN UP")); len(found) > 0 || d.objects() != 3 {
		t.Errorf("found in %q; %d objects", found, d.objects())
	}
}

// TestEraseLost: what is broken or missing in the store can be erased, too.
func TestEraseLost(t *testing.T) {
	d := newDesk(t)
	values := d.seal(folder(t, map[string][]byte{"a": noise(1, 2*mib), "b": noise(2, 2*mib), "small": []byte("x")}))
	lost, broken := d.store.Path(values[0].Stored.Object), d.store.Path(values[1].Stored.Object)
	if err := errors.Join(os.Remove(lost), os.Chmod(broken, 0o600), os.Truncate(broken, mib)); err != nil {
		t.Fatal(err)
	}
	r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[:2]})
	if err != nil || len(r.Objects) != 2 || d.objects() != 1 {
		t.Errorf("%+v, %v; %d objects", r, err, d.objects())
	}
	if keys, _ := os.ReadDir(filepath.Join(d.dir, "vault", "keys")); len(keys) != 1 {
		t.Errorf("%d keys", len(keys))
	}
}

// TestEraseRefuses: nothing happens.
func TestEraseRefuses(t *testing.T) {
	d := newDesk(t)
	in := intake(t, folder(t, map[string][]byte{"a": []byte("x")}))
	values, err := d.ingest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Erase(t.Context(), vault.Erasure{Files: values}); !errors.Is(err, vault.ErrUnfinished) {
		t.Errorf("while sealing: %v", err)
	}
	if err := d.Commit(t.Context(), values); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Bodies: []vault.Stub{storyStub()}}); !errors.Is(err, vault.ErrOrder) {
		t.Errorf("an event of another item: %v", err)
	}
	damaged := values[0]
	length := int64(99)
	damaged.Stored = &evidence.Stored{Object: values[0].Stored.Object, Offset: values[0].Stored.Offset, Length: &length}
	if _, err := d.Erase(t.Context(), vault.Erasure{Files: []evidence.FileValue{damaged}}); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("a place that is none: %v", err)
	}
	r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{9}})
	if err != nil || len(r.Objects)+len(r.Bodies) > 0 {
		t.Errorf("nothing: %+v, %v", r, err)
	}
	d.checkContent(values, map[string][]byte{"a": []byte("x")})
}

// TestEraseAnyOfAPack erases files of a pack in any order and groups.
func TestEraseAnyOfAPack(t *testing.T) {
	d := newDeskIn(t, memoryDir(t))
	rapid.Check(t, func(rt *rapid.T) {
		want := map[string][]byte{}
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 2), rapid.IntRange(3, 200_000)), 1, 5).Draw(rt, "sizes")
		for i, n := range sizes {
			want[string(rune('a'+i))] = noise(uint64(i+1), n)
		}
		left := d.seal(folder(t, want))
		for _, i := range rapid.Permutation(left).Draw(rt, "order") {
			r, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: []evidence.FileValue{i}})
			if err != nil || r == nil {
				rt.Fatal(err)
			}
			left = slices.DeleteFunc(left, func(f evidence.FileValue) bool { return f.Path == i.Path })
			d.checkContent(left, want)
			if _, err := d.Open(t.Context(), i); i.Digests.Size > 0 && !errors.Is(err, vault.ErrErased) && !errors.Is(err, vault.ErrNoKey) {
				rt.Errorf("%s opened: %v", i.Path, err)
			}
		}
		if d.objects() != 0 {
			rt.Errorf("%d objects left", d.objects())
		}
	})
}
