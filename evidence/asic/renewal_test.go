package asic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// renew returns a container with one more archive timestamp, whose token is text.
func renew(t testing.TB, container []byte, token string) []byte {
	t.Helper()
	r, err := open(container)
	must(t, err)
	out := &memFile{}
	must(t, r.Renew(t.Context(), out, stampWith(token), func(int) {}))
	return out.b
}

func stampWith(token string) func(context.Context, []byte) ([]byte, error) {
	return func(context.Context, []byte) ([]byte, error) { return []byte(token), nil }
}

// rawOf takes a container apart into entries that can be put together otherwise.
func rawOf(t testing.TB, b []byte) (list []rawEntry) {
	t.Helper()
	r, err := open(b)
	must(t, err)
	for i, m := range r.archive.members {
		content, err := io.ReadAll(r.archive.content(i))
		must(t, err)
		list = append(list, rawEntry{name: m.name, content: string(content)})
	}
	return list
}

// A renewal leaves every content as it was and adds two entries; the same again gives
// the same bytes, and a further one is over the first.
func TestRenew(t *testing.T) {
	whole := write(t, goodFiles())
	one := renew(t, whole, "token 1")
	if !bytes.Equal(one, renew(t, whole, "token 1")) {
		t.Error("the same renewal gives other bytes")
	}
	r, err := open(renew(t, one, "token 2"))
	must(t, err)
	if n := len(r.Archives()); n != 2 {
		t.Fatalf("%d archive timestamps", n)
	}
	if bad, err := r.CheckArchives(t.Context(), func(int) {}); err != nil || !slices.Equal(bad, []error{nil, nil}) {
		t.Errorf("%v %v", bad, err)
	}
	before, err := open(whole)
	must(t, err)
	if !slices.Equal(r.Entries(), before.Entries()) || !slices.Equal(r.Signatures(), before.Signatures()) || !bytes.Equal(r.ManifestBytes(), before.ManifestBytes()) {
		t.Error("a renewal changed what it is over")
	}
	second := string(r.Archives()[1].Bytes)
	for _, name := range []string{"README.txt", ManifestName, SignatureDSSE, ArchiveToken(1)} {
		if !strings.Contains(second, `URI="`+name+`"`) {
			t.Errorf("the second archive timestamp is not over %s", name)
		}
	}
	if !strings.Contains(second, `URI="`+ArchiveName(1)+`" MimeType="application/xml" Rootfile="true"`) || strings.Contains(second, `"mimetype"`) {
		t.Errorf("the second names the first otherwise: %s", second)
	}
	if token, err := r.ReadFile(ArchiveToken(2), 100); err != nil || string(token) != "token 2" {
		t.Errorf("%q %v", token, err)
	}
}

// What changed after an archive timestamp is found, by the archive timestamps alone.
func TestArchiveFindsChange(t *testing.T) {
	entries := rawOf(t, renew(t, renew(t, write(t, goodFiles()), "token 1"), "token 2"))
	for name, c := range map[string]struct {
		place int
		want  []error
	}{
		"file": {2, []error{ErrDigest, ErrDigest}}, "signature": {5, []error{ErrDigest, ErrDigest}},
		"first token": {7, []error{nil, ErrDigest}}, "last token": {9, []error{nil, nil}},
	} {
		changed := slices.Clone(entries)
		changed[c.place].content += "!"
		r, err := open(raw{entries: changed}.bytes())
		must(t, err)
		bad, err := r.CheckArchives(t.Context(), func(int) {})
		must(t, err)
		for k := range c.want {
			if !errors.Is(bad[k], c.want[k]) {
				t.Errorf("%s, archive timestamp %d: %v", name, k+1, bad[k])
			}
		}
		if err := r.Renew(t.Context(), &memFile{}, stampWith("x"), func(int) {}); c.want[1] != nil && !errors.Is(err, ErrDigest) {
			t.Errorf("%s: renewing what was changed: %v", name, err)
		}
	}
	first := rawOf(t, write(t, goodFiles()))
	first[2].content += "!"
	unstamped, err := open(raw{entries: first}.bytes())
	must(t, err)
	if err := unstamped.Renew(t.Context(), &memFile{}, stampWith("x"), func(int) {}); !errors.Is(err, ErrDigest) {
		t.Errorf("renewing what is not as the manifest states: %v", err)
	}
	damaged := slices.Clone(entries)
	damaged[2].member = func(m *member) { m.crc++ }
	r, err := open(raw{entries: damaged}.bytes())
	must(t, err)
	bad, err := r.CheckArchives(t.Context(), func(int) {})
	if err != nil || !errors.Is(bad[0], ErrChecksum) || !errors.Is(bad[1], ErrChecksum) {
		t.Errorf("damaged: %v %v", bad, err)
	}
}

// Entries of archive timestamps in any other way than the writer's are refused.
func TestArchiveHostile(t *testing.T) {
	good := renew(t, renew(t, write(t, goodFiles()), "token 1"), "token 2")
	r, err := open(good)
	must(t, err)
	manifest := string(r.Archives()[0].Bytes)
	with := func(content string) func([]rawEntry) []rawEntry {
		return func(p []rawEntry) []rawEntry { p[6].content = content; return p }
	}
	for name, c := range map[string]struct {
		change       func([]rawEntry) []rawEntry
		entry, about string
	}{
		"no token":         {func(p []rawEntry) []rawEntry { return p[:9] }, ArchiveName(2), "is not there"},
		"token alone":      {func(p []rawEntry) []rawEntry { return slices.Concat(p[:6], p[7:8]) }, ArchiveToken(1), "stands after the manifest and is no signature"},
		"first missing":    {func(p []rawEntry) []rawEntry { return slices.Delete(p, 6, 8) }, ArchiveName(2), "stands where"},
		"first's manifest": {func(p []rawEntry) []rawEntry { return slices.Delete(p, 6, 7) }, ArchiveName(2), "stands where"},
		"token first":      {func(p []rawEntry) []rawEntry { p[8], p[9] = p[9], p[8]; return p }, ArchiveToken(2), "stands where"},
		"second first":     {func(p []rawEntry) []rawEntry { return slices.Concat(p[:6], p[8:], p[6:8]) }, ArchiveName(2), "stands where"},
		"other name":       {func(p []rawEntry) []rawEntry { p[8].name = archiveHead + "2.xml"; return p }, archiveHead + "2.xml", "stands where"},
		"behind the last":  {func(p []rawEntry) []rawEntry { return append(p, rawEntry{name: "META-INF/more"}) }, "META-INF/more", "stands where"},
		"before manifest":  {func(p []rawEntry) []rawEntry { return slices.Concat(p[:1], p[6:8], p[1:6]) }, ArchiveName(1), "reserved for the container's own"},
		"entry left out":   {with(manifest[:strings.Index(manifest, fileHead)] + manifestTail), ArchiveName(1), "found where"},
		"short digest":     {with(strings.Replace(manifest, "==</ds", "</ds", 1)), ArchiveName(1), "is not 64 bytes"},
		"other token":      {with(strings.Replace(manifest, ArchiveToken(1), ArchiveToken(2), 1)), ArchiveName(1), "found where"},
		"other type":       {with(strings.Replace(manifest, "text/plain", "text/html", 1)), ArchiveName(1), "found where"},
		"SHA-256":          {with(strings.Replace(manifest, "#sha512", "#sha256", 1)), ArchiveName(1), "found where"},
		"behind its end":   {with(manifest + "\n"), ArchiveName(1), "after its end"},
		"empty":            {with(""), ArchiveName(1), "found where"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(raw{entries: c.change(rawOf(t, good))}.bytes())
			var bad *Error
			if !errors.As(err, &bad) || bad.Kind != ErrMalformed || bad.Entry != c.entry || !strings.Contains(bad.Detail, c.about) {
				t.Errorf("%v", err)
			}
		})
	}
}

// There is an end to renewing, and it is said before a token is asked for.
func TestRenewLimit(t *testing.T) {
	b := write(t, goodFiles())
	for k := range MaxArchives {
		b = renew(t, b, fmt.Sprint("token ", k))
	}
	r, err := open(b)
	must(t, err)
	if err := r.Renew(t.Context(), &memFile{}, nil, func(int) {}); !errors.Is(err, ErrLimit) {
		t.Errorf("%v", err)
	}
}
