package copies

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/verify/pack"
)

// Bagged is what came of making a bag.
type Bagged struct {
	*Extracted
	TagFiles int `json:"tag_files"` // what the package says of the copies, beside them
}

// tagFolder is where a bag has what the package says, outside the payload.
const tagFolder = "custody"

// tagged are the files of a package that go into a bag for those who have nothing but
// it. They prove nothing there: the package does.
var tagged = []string{pack.ReadmeName, pack.InventoryName, pack.InventoryJSONName, pack.WithheldName, pack.WithheldJSONName, pack.VerdictName, pack.ReportName, pack.GraphName, pack.EventsName}

// Bag writes the evidence copies of a package as a BagIt bag (RFC 8493): the copies as
// payload with SHA-256 and SHA-512, and beside them what the package says of them. It
// extracts as [Extract] does, and the folder appears whole or not at all.
func Bag(ctx context.Context, x Extraction) (*Bagged, error) {
	if err := Vacant(x.Dir); err != nil {
		return nil, err
	}
	whole, err := filepath.Abs(x.Dir)
	if err != nil {
		return nil, err
	}
	part, err := os.MkdirTemp(filepath.Dir(whole), ".custody-bag-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(part) // nothing is left of a bag that failed
	b := &bag{dir: part, made: x.Package.Statement}
	x.Dir = filepath.Join(part, "data")
	out := &Bagged{}
	if out.Extracted, err = Extract(ctx, x); err != nil {
		return nil, err
	}
	out.Dir = whole
	for i := range out.Files {
		out.Files[i].Path = "data/" + out.Files[i].Path
	}
	if out.TagFiles, err = b.copyTags(x.Package); err != nil {
		return nil, err
	}
	if err := b.write(ctx, out.Files, out.Bytes); err != nil {
		return nil, err
	}
	if err := syncAll(part); err != nil {
		return nil, err
	}
	os.Remove(whole) // an empty folder may stand in the place
	if err := os.Rename(part, whole); err != nil {
		return nil, err
	}
	return out, durable.Files{}.SyncDir(filepath.Dir(whole))
}

// bag is a bag in the making.
type bag struct {
	dir  string
	made *pack.Statement
	tags []string // names of tag files, but for the tag manifests
}

// copyTags writes the package's own words into the tag folder.
func (b *bag) copyTags(p *pack.Package) (n int, err error) {
	for _, name := range tagged {
		if _, ok := p.Entry(name); !ok {
			continue
		}
		content, err := p.File(name)
		if err != nil {
			return n, err
		}
		if err := b.tag(tagFolder+"/"+name, content); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (b *bag) tag(name string, content []byte) error {
	to := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	b.tags = append(b.tags, name)
	return os.WriteFile(to, content, 0o600)
}

// write writes the tag files of RFC 8493 §2: declaration, metadata, manifests.
func (b *bag) write(ctx context.Context, files []ExtractedFile, size int64) error {
	if err := b.tag("bagit.txt", []byte("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")); err != nil {
		return err
	}
	info := fmt.Sprintf("Bagging-Date: %s\nPayload-Oxum: %d.%d\nExternal-Description: evidence copies of a custody package\nExternal-Identifier: sha256:%s\n",
		b.made.Packed.Format("2006-01-02"), size, len(files), b.made.Manifest)
	if err := b.tag("bag-info.txt", []byte(info)); err != nil {
		return err
	}
	var payload []string
	for _, f := range files {
		payload = append(payload, f.Path)
	}
	if err := b.manifests(ctx, "manifest-", payload, files); err != nil {
		return err
	}
	return b.manifests(ctx, "tagmanifest-", slices.Clone(b.tags), nil)
}

// manifests writes two manifests of the files of those names. Of copies the SHA-256 is
// compared with what was written: the disk may have other bytes by now.
func (b *bag) manifests(ctx context.Context, kind string, names []string, files []ExtractedFile) error {
	slices.Sort(names)
	want := map[string]evidence.Hash{}
	for _, f := range files {
		want[f.Path] = f.SHA256
	}
	var plain, long bytes.Buffer
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		short, second := sha256.New(), sha512.New()
		if err := hashFile(filepath.Join(b.dir, filepath.FromSlash(name)), short, second); err != nil {
			return err
		}
		sum := evidence.Hash(short.Sum(nil))
		if was, ok := want[name]; ok && was != (evidence.Hash{}) && was != sum {
			return fmt.Errorf("%s: %w", name, ErrChangedCopy)
		}
		fmt.Fprintf(&plain, "%s  %s\n", sum, encoded(name))
		fmt.Fprintf(&long, "%s  %s\n", hex.EncodeToString(second.Sum(nil)), encoded(name))
	}
	if err := b.tag(kind+"sha256.txt", plain.Bytes()); err != nil {
		return err
	}
	return b.tag(kind+"sha512.txt", long.Bytes())
}

func hashFile(name string, to ...hash.Hash) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(io.MultiWriter(to[0], to[1]), bufio.NewReaderSize(f, 1<<20))
	return err
}

// encoded returns a path as manifests have it (RFC 8493 §2.1.3). [evidence.SafePaths]
// leaves no line end in one.
func encoded(path string) string { return strings.ReplaceAll(path, "%", "%25") }
