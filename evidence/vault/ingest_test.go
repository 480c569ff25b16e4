package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
)

const mib = 1 << 20

// sample is a folder with files around every limit.
func sample() map[string][]byte {
	files := map[string][]byte{
		"empty": {}, "one byte": {7}, "a/hello.txt": []byte("hello"),
		"b/chunk": noise(1, mib), "b/chunk+1": noise(2, mib+1), "b/large": noise(3, 5*mib+12345),
	}
	for i := range 40 {
		files[fmt.Sprintf("many/%02d", i)] = noise(uint64(100+i), 700_000+i)
	}
	return files
}

func TestRoundTrip(t *testing.T) {
	d := newDesk(t)
	want := sample()
	values := d.seal(folder(t, want))
	if len(values) != len(want) {
		t.Fatalf("%d values of %d files", len(values), len(want))
	}
	for _, f := range values {
		if f.Kind != evidence.KindFile || f.Validate() != nil {
			t.Errorf("%+v: %v", f, f.Validate())
		}
		if digests := evidence.DigestBytes(want[f.Path], evidence.WithSHA256); *f.Digests != digests {
			t.Errorf("%s: %+v, want %+v", f.Path, *f.Digests, digests)
		}
	}
	d.checkContent(values, want)
	d.reopen()
	d.checkContent(values, want)
	// Two large ones, and 29 MB of small ones in packs of up to 16 MiB.
	if n := d.objects(); n != 4 {
		t.Errorf("%d objects", n)
	}
	checkPacks(t, values)
}

// checkPacks compares where files are with spec/vault.md "Object".
func checkPacks(t interface{ Errorf(string, ...any) }, values []evidence.FileValue) {
	end := map[evidence.ObjectName]int64{} // of the packs' content so far
	whole := map[evidence.ObjectName]bool{}
	for _, f := range values {
		s := f.Stored
		if f.Digests.Size > mib != (s.Offset == nil) && f.Kind == evidence.KindFile || whole[s.Object] {
			t.Errorf("%s of %d bytes: %+v", f.Path, f.Digests.Size, s)
			continue
		}
		if s.Offset == nil {
			whole[s.Object] = true
			continue
		}
		if *s.Offset != end[s.Object] || *s.Length != f.Digests.Size || *s.Offset+*s.Length > 16*mib {
			t.Errorf("%s: offset %d, length %d; the pack had %d bytes", f.Path, *s.Offset, *s.Length, end[s.Object])
		}
		end[s.Object] += *s.Length
	}
}

// TestManyFiles: a pack reaches over a part of the entries alone, so that what
// waits for it stays little, and values come in order whatever lies between.
func TestManyFiles(t *testing.T) {
	d := newDesk(t)
	const many = 5000
	want := map[string][]byte{"0 large": noise(1, mib+1)}
	for i := range many {
		want[fmt.Sprintf("%04d", i)] = fmt.Append(nil, i)
	}
	dir := folder(t, want)
	for i := range 20 {
		if err := os.Symlink("nowhere", filepath.Join(dir, fmt.Sprintf("%04d link", i*250))); err != nil {
			t.Fatal(err)
		}
	}
	in := intake(t, dir)
	values, err := d.ingest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(values, func(a, b evidence.FileValue) int { return strings.Compare(a.Path, b.Path) }) || len(values) != many+21 {
		t.Errorf("%d values, or out of order", len(values))
	}
	values = slices.DeleteFunc(values, func(v evidence.FileValue) bool { return v.Kind == evidence.KindSymlink })
	checkPacks(t, values)
	packs := map[evidence.ObjectName]int{}
	for _, v := range values {
		if packs[v.Stored.Object]++; packs[v.Stored.Object] > 4096 {
			t.Fatal("a pack of more than 4096 files")
		}
	}
	if len(packs) != 3 {
		t.Errorf("%d objects", len(packs))
	}
	d.checkContent(append(values[:3:3], values[many-3:]...), want)
	if register, err := os.ReadFile(filepath.Join(d.dir, "vault", "register")); err != nil || len(register) != 32*(many+1) {
		t.Errorf("register of %d bytes, %v", len(register), err)
	}
}

// TestRefusedValue: who is given the values can end the sealing, and nothing is left.
func TestRefusedValue(t *testing.T) {
	d := newDesk(t)
	in := intake(t, folder(t, map[string][]byte{"a": {1}, "b": {2}, "c": noise(1, 2*mib)}))
	in.Each = func(v evidence.FileValue) error {
		if v.Path == "b" {
			return errBroken
		}
		return nil
	}
	if err := d.Ingest(t.Context(), in); !errors.Is(err, errBroken) {
		t.Errorf("refused: %v", err)
	}
	if left := d.everything(); len(left) > 0 || d.Unfinished() != nil {
		t.Errorf("left %q", left)
	}
}

// TestAnyFileSet seals file sets of any sizes around the limits.
func TestAnyFileSet(t *testing.T) {
	d := newDesk(t)
	size := rapid.OneOf(
		rapid.IntRange(0, 3), rapid.IntRange(0, 100_000), rapid.IntRange(mib-1, mib+1), rapid.IntRange(mib, 3*mib),
		rapid.SampledFrom([]int{65535, 65536, 65537, 131072, mib, 2 * mib}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		want := map[string][]byte{}
		for i, n := range rapid.SliceOfN(size, 0, 12).Draw(rt, "sizes") {
			want[fmt.Sprintf("%02d", i)] = noise(rapid.Uint64Range(0, 1<<20).Draw(rt, "seed"), n)
		}
		path := folder(t, want)
		in := intake(t, path)
		in.Which = evidence.Algorithms(rapid.IntRange(0, 3).Draw(rt, "which"))
		values, err := d.ingest(t.Context(), in)
		if err == nil {
			err = d.Commit(t.Context(), values)
		}
		if err != nil {
			rt.Fatal(err)
		}
		values = slices.DeleteFunc(values, func(f evidence.FileValue) bool { return f.Kind == evidence.KindDir })
		if len(values) != len(want) {
			rt.Fatalf("%d values of %d files", len(values), len(want))
		}
		checkPacks(rt, values)
		for _, f := range values {
			if digests := evidence.DigestBytes(want[f.Path], in.Which); *f.Digests != digests {
				rt.Errorf("%s: %+v, want %+v", f.Path, *f.Digests, digests)
			}
		}
		d.checkContent(values, want)
		os.RemoveAll(path)
	})
}

// TestRange reads parts of files.
func TestRange(t *testing.T) {
	d := newDesk(t)
	want := map[string][]byte{"in a pack": noise(1, 200_000), "in a pack too": noise(2, 300_001), "large": noise(3, 3*mib+5)}
	for _, f := range d.seal(folder(t, want)) {
		r, err := d.Open(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int64{0, 1, 65535, 65536, 199_000, r.Size() - 1} {
			got := make([]byte, min(70_000, r.Size()-at))
			if n, err := r.ReadAt(got, at); n < len(got) && err != nil || !bytes.Equal(got, want[f.Path][at:at+int64(len(got))]) {
				t.Errorf("%s at %d: %v", f.Path, at, err)
			}
		}
		if n, err := r.ReadAt(make([]byte, 10), r.Size()-1); n != 1 || err == nil {
			t.Errorf("%s: %d bytes after its end, %v", f.Path, n, err)
		}
		r.Close()
	}
}

// meddling is a source to which something happens while a file is read.
type meddling struct {
	evidence.Source
	path string
	step int                    // bytes that one read gets at most
	then func(read int64) error // asked before every read of path, with the bytes read so far
}

func (m *meddling) Open(path string) (fs.File, error) {
	f, err := m.Source.Open(path)
	if err != nil || path != m.path {
		return f, err
	}
	return &meddledFile{File: f, step: m.step, then: m.then}, nil
}

type meddledFile struct {
	fs.File
	step int
	then func(int64) error
	read int64
}

func (f *meddledFile) Read(p []byte) (int, error) {
	if err := f.then(f.read); err != nil {
		return 0, err
	}
	n, err := f.File.Read(p[:min(len(p), f.step)])
	f.read += int64(n)
	return n, err
}

func appendTo(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// TestSourcesThatMisbehave: what happens to one file is recorded, and the others
// are sealed all the same.
func TestSourcesThatMisbehave(t *testing.T) {
	for name, size := range map[string]int{"tiny": 40_000, "in a pack": 300_000, "large": 3 * mib} {
		step := int64(min(size/2, 100_000)) // bytes that one read gets
		for what, c := range map[string]struct {
			then func(path string, read int64) error
			kind evidence.FileKind
			grew int
		}{
			"bad sector at once": {func(string, int64) error { return syscall.EIO }, evidence.KindUnreadable, 0},
			"bad sector later": {func(_ string, read int64) error {
				if read > int64(size/2) {
					return syscall.EIO
				}
				return nil
			}, evidence.KindUnreadable, 0},
			"grows": {func(path string, read int64) error {
				if read != step {
					return nil
				}
				return appendTo(path, noise(5, 2*mib))
			}, evidence.KindChanged, 2 * mib},
			"grows a little": {func(path string, read int64) error {
				if read != step {
					return nil
				}
				return appendTo(path, noise(5, 50_000))
			}, evidence.KindChanged, 50_000},
			"cut short": {func(path string, read int64) error {
				if read != step {
					return nil
				}
				return os.Truncate(path, step)
			}, evidence.KindChanged, int(step) - size},
			"deleted": {func(path string, read int64) error {
				if read != step {
					return nil
				}
				return os.Remove(path)
			}, evidence.KindChanged, 0},
		} {
			d := newDesk(t)
			want := map[string][]byte{"a": noise(1, 1000), "m": noise(2, size), "z": noise(3, 2000)}
			dir := folder(t, want)
			in := intake(t, dir)
			in.Source = &meddling{in.Source, "m", int(step), func(read int64) error { return c.then(filepath.Join(dir, "m"), read) }}
			values, err := d.ingest(t.Context(), in)
			if err != nil || d.Commit(t.Context(), values) != nil {
				t.Fatalf("%s %s: %v", name, what, err)
			}
			m := values[1]
			if m.Kind != c.kind || m.Validate() != nil || (m.Stored != nil) != (c.kind == evidence.KindChanged) {
				t.Errorf("%s %s: %+v, %v", name, what, m, m.Validate())
			}
			if c.grew > 0 {
				want["m"] = append(want["m"], noise(5, c.grew)...)
			} else {
				want["m"] = want["m"][:size+c.grew]
			}
			if m.Stored == nil {
				values = slices.Delete(values, 1, 2)
			}
			checkPacks(t, values)
			d.checkContent(values, want)
			names := map[evidence.ObjectName]bool{}
			for _, f := range values {
				names[f.Stored.Object] = true
			}
			if n := d.objects(); n != len(names) {
				t.Errorf("%s %s: %d objects for %d", name, what, n, len(names))
			}
			d.close()
		}
	}
}

// TestIngestLeavesNothing: a sealing that fails, is cancelled or abandoned.
func TestIngestLeavesNothing(t *testing.T) {
	for name, end := range map[string]func(*desk, vault.Intake) error{
		"disk full": func(d *desk, in vault.Intake) error {
			_, err := d.ingest(d.t.Context(), in)
			if !errors.Is(err, errBroken) {
				d.t.Errorf("disk full: %v", err)
			}
			return nil
		},
		"cancelled": func(d *desk, in vault.Intake) error {
			ctx, cancel := context.WithCancel(d.t.Context())
			in.Progress = progressFunc(func() { cancel() })
			_, err := d.ingest(ctx, in)
			if !errors.Is(err, context.Canceled) {
				d.t.Errorf("cancelled: %v", err)
			}
			return nil
		},
		"abandoned": func(d *desk, in vault.Intake) error {
			if _, err := d.ingest(d.t.Context(), in); err != nil {
				return err
			}
			if _, err := d.ingest(d.t.Context(), in); !errors.Is(err, vault.ErrUnfinished) {
				d.t.Errorf("a second sealing: %v", err)
			}
			return d.Abandon(d.t.Context())
		},
		"abandoned later": func(d *desk, in vault.Intake) error {
			if _, err := d.ingest(d.t.Context(), in); err != nil {
				return err
			}
			d.reopen()
			if len(d.Unfinished()) != len(in.Found) {
				d.t.Errorf("%d names of %d files", len(d.Unfinished()), len(in.Found))
			}
			return d.Abandon(d.t.Context())
		},
	} {
		d := newDesk(t)
		want := map[string][]byte{"a": noise(1, 2*mib), "b": noise(2, 10), "c": noise(3, 100_000), "d": noise(4, 3*mib)}
		if name == "disk full" {
			var written atomic.Int64
			d.files.Fault = func(op durable.Op, _ string) (bool, error) {
				if op == durable.OpWrite && written.Add(1) > 6 {
					return false, errBroken
				}
				return false, nil
			}
			d.reopen()
			if err := end(d, intake(t, folder(t, want))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			d.files.Fault = nil
			d.reopen()
			if err := d.Abandon(t.Context()); err != nil { // it could not be while the disk was full
				t.Errorf("%s: %v", name, err)
			}
		} else if err := end(d, intake(t, folder(t, want))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if left := d.everything(); len(left) > 0 || d.Unfinished() != nil {
			t.Errorf("%s: left %q", name, left)
		}
		if err := d.Commit(t.Context(), nil); !errors.Is(err, vault.ErrNoSealing) {
			t.Errorf("%s: commit: %v", name, err)
		}
		d.checkContent(d.seal(folder(t, want)), want)
		d.close()
	}
}

type progressFunc func()

func (f progressFunc) File(string) {}
func (f progressFunc) Add(int64)   { f() }

// TestProgress: every byte is told, once.
func TestProgress(t *testing.T) {
	d := newDesk(t)
	want := sample()
	in := intake(t, folder(t, want))
	var p countedProgress
	in.Progress = &p
	values, err := d.ingest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, content := range want {
		total += int64(len(content))
	}
	if p.bytes.Load() != total || p.files.Load() != int64(len(want)) {
		t.Errorf("%d bytes, %d files; want %d, %d", p.bytes.Load(), p.files.Load(), total, len(want))
	}
	p.bytes.Store(0)
	for _, f := range values {
		if _, err := d.Digest(t.Context(), f, &p); err != nil {
			t.Fatal(err)
		}
	}
	if p.bytes.Load() != total {
		t.Errorf("%d bytes read again, want %d", p.bytes.Load(), total)
	}
}

type countedProgress struct{ files, bytes atomic.Int64 }

func (p *countedProgress) File(string) { p.files.Add(1) }
func (p *countedProgress) Add(n int64) { p.bytes.Add(n) }
