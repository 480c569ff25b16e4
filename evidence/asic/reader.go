package asic

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"example.org/custody/evidence"
)

// Reader reads one container. It may be used concurrently.
type Reader struct {
	archive    *archive
	index      map[string]int // name to member
	files      []Entry        // in the container's order, without mimetype and META-INF
	listed     map[string]int // name to place in files
	manifest   []byte
	stamped    []byte // what a timestamp is over
	signatures []string
	archives   []Archive // the oldest first
}

// Open checks a container of size bytes but for the contents of its files:
// every byte of every header, all names and limits, and that the manifest is
// the writer's and lists exactly the files there are. It reads headers, the
// manifest and nothing else, whatever the size of the evidence.
//
// A refusal is an [*Error]. The signatures named by [Reader.Signatures] are
// still to be verified over [Reader.ManifestBytes].
func Open(r io.ReaderAt, size int64, l Limits) (*Reader, error) {
	return openReader(r, size, standard, l)
}

func openReader(r io.ReaderAt, size int64, lay layout, l Limits) (*Reader, error) {
	a, err := openArchive(r, size, lay, l.or(MaxEntries, PackageSize), containerStart())
	if err != nil {
		return nil, err
	}
	c := &Reader{archive: a, index: make(map[string]int, len(a.members))}
	last, err := c.checkOrder()
	if err != nil {
		return nil, err
	}
	if err := c.checkNames(last); err != nil {
		return nil, err
	}
	if c.manifest, err = a.readAll(last, a.members[last].size); err != nil {
		return nil, err
	}
	if err := c.checkManifest(a.members[1:last]); err != nil {
		return nil, err
	}
	if err := c.checkStamped(); err != nil {
		return nil, err
	}
	return c, c.checkArchives()
}

// checkStamped compares the timestamp's manifest, where there is one, with what follows
// from the other.
func (c *Reader) checkStamped() error {
	i, ok := c.index[TimestampManifest]
	if !ok {
		c.stamped = c.manifest
		return nil
	}
	if !slices.Contains(c.signatures, Timestamp) {
		return refuse(ErrMalformed, TimestampManifest, c.archive.members[i].at, "is the manifest of a timestamp that is not there")
	}
	var err error
	if c.stamped, err = c.archive.readAll(i, c.archive.members[i].size); err != nil {
		return err
	}
	if want := stampManifest(c.manifest, c.files); !bytes.Equal(c.stamped, want) {
		return refuse(ErrMalformed, TimestampManifest, c.archive.members[i].at, "is not what follows from the manifest: %.100q", otherLine(c.stamped, want))
	}
	return nil
}

// containerStart returns the bytes that every container begins with: its first
// entry, which is always the same.
func containerStart() []byte {
	m := member{name: mimetypeName, size: int64(len(MimeType)), crc: checksum(0, []byte(MimeType))}
	return append(standard.appendLocal(nil, &m), MimeType...)
}

// checkOrder proves the sequence mimetype, files ascending, manifest, signature
// files ascending, and returns the manifest's place.
func (c *Reader) checkOrder() (manifest int, err error) {
	members := c.archive.members
	manifest = slices.IndexFunc(members, func(m member) bool { return m.name == ManifestName })
	switch {
	case len(members) == 0 || members[0].name != mimetypeName:
		return 0, refuse(ErrMalformed, "", 0, "first entry is not %s", mimetypeName)
	case manifest < 0:
		return 0, refuse(ErrMalformed, ManifestName, -1, "is missing")
	case manifest < 2:
		return 0, refuse(ErrMalformed, "", -1, "holds no file")
	case manifest == len(members)-1 && signatureType(members[manifest-1].name) != "":
		return 0, refuse(ErrMalformed, "", members[manifest-1].at, "holds the signature file %q before the manifest, and none after it", members[manifest-1].name)
	case manifest == len(members)-1:
		return 0, refuse(ErrMalformed, "", -1, "holds no signature file")
	}
	if err := ascending(members[1:manifest]); err != nil {
		return 0, err
	}
	archives, err := splitArchives(members[manifest+1:])
	if err != nil {
		return 0, err
	}
	if archives == 0 {
		return 0, refuse(ErrMalformed, "", -1, "holds no signature file")
	}
	for _, m := range members[manifest+1 : manifest+1+archives] {
		if signatureType(m.name) == "" {
			return 0, refuse(ErrMalformed, m.name, m.at, "stands after the manifest and is no signature file")
		}
		c.signatures = append(c.signatures, m.name)
	}
	return manifest, ascending(members[manifest+1 : manifest+1+archives])
}

func ascending(members []member) error {
	for i := 1; i < len(members); i++ {
		if m, before := members[i], members[i-1]; m.name <= before.name {
			return refuse(ErrMalformed, m.name, m.at, "comes after %.200q: names must ascend, each once", before.name)
		}
	}
	return nil
}

// checkNames checks all names, and of the files, which stand before place last, that
// they are none of the container's own.
func (c *Reader) checkNames(last int) error {
	names := nameSet{}
	for i, m := range c.archive.members {
		err := CheckName(m.name)
		if err == nil && i > 0 && i < last {
			err = dataName(m.name)
		}
		if err == nil {
			err = names.add(m.name)
		}
		if err != nil {
			return refuse(ErrMalformed, m.name, m.at, "%v", err)
		}
		c.index[m.name] = i
	}
	return nil
}

// checkManifest compares the manifest with the files that are there.
func (c *Reader) checkManifest(files []member) error {
	signature, listed, err := parseManifest(c.manifest)
	if err != nil {
		return refuse(ErrMalformed, ManifestName, -1, "%v", err)
	}
	if last := named(c.signatures); signature != last {
		return refuse(ErrMalformed, ManifestName, -1, "names the signature file %.200q where %q belongs", signature, last) // also when a timestamp stands alone
	}
	c.listed = make(map[string]int, len(listed))
	roots := 0
	for i := range listed {
		e := &listed[i]
		if i == len(files) || e.Name < files[i].name {
			return refuse(ErrMalformed, e.Name, -1, "is listed in the manifest and not there, or listed out of order")
		}
		if e.Name > files[i].name {
			return refuse(ErrMalformed, files[i].name, files[i].at, "is not listed in the manifest at its place")
		}
		if e.Root {
			roots++
		}
		e.Size = files[i].size
		c.listed[e.Name] = i
	}
	if len(listed) < len(files) {
		return refuse(ErrMalformed, files[len(listed)].name, files[len(listed)].at, "is not listed in the manifest")
	}
	if roots > 1 {
		return refuse(ErrMalformed, ManifestName, -1, "marks %d files as root", roots)
	}
	c.files = listed
	return nil
}

// Entries returns the files in the container's order: ascending by name,
// without mimetype, manifest and signature files.
func (c *Reader) Entries() []Entry { return slices.Clone(c.files) }

// Entry returns the file of that name as the manifest lists it.
func (c *Reader) Entry(name string) (Entry, bool) {
	i, ok := c.listed[name]
	if !ok {
		return Entry{}, false
	}
	return c.files[i], true
}

// Manifest returns the digest that the manifest states for every file.
func (c *Reader) Manifest() map[string]evidence.Hash {
	m := make(map[string]evidence.Hash, len(c.files))
	for _, e := range c.files {
		m[e.Name] = e.Digest
	}
	return m
}

// ManifestBytes returns the bytes that the signature files sign.
func (c *Reader) ManifestBytes() []byte { return slices.Clone(c.manifest) }

// StampedBytes returns the bytes that [Timestamp] is over: those of [TimestampManifest],
// or without one the manifest's.
func (c *Reader) StampedBytes() []byte { return slices.Clone(c.stamped) }

// Signatures names the signature files, one or more. A container is signed only
// when each of them verifies over [Reader.ManifestBytes].
func (c *Reader) Signatures() []string { return slices.Clone(c.signatures) }

// Zip64 reports whether the container needs zip64, which not every tool that an
// office may have can read.
func (c *Reader) Zip64() bool { return c.archive.zip64 }

// Open streams the content of any entry and checks its CRC-32 at the end. The
// manifest's digest is the caller's to compare, in the pass in which it reads.
// An unknown name is an error that wraps [fs.ErrNotExist].
func (c *Reader) Open(name string) (*EntryReader, error) {
	i, err := c.find(name)
	if err != nil {
		return nil, err
	}
	return c.archive.content(i), nil
}

// Section returns the content of any entry for access at random, unchecked:
// for an inner bag or an encrypted entry, whose digest is checked elsewhere.
func (c *Reader) Section(name string) (*io.SectionReader, error) {
	i, err := c.find(name)
	if err != nil {
		return nil, err
	}
	return c.archive.section(i), nil
}

// ReadFile returns the content of an entry of at most most bytes, checked
// against its CRC-32 and, for those the manifest lists, against the digest.
func (c *Reader) ReadFile(name string, most int64) ([]byte, error) {
	i, err := c.find(name)
	if err != nil {
		return nil, err
	}
	b, err := c.archive.readAll(i, most)
	if err != nil {
		return nil, err
	}
	if err := c.compare(name, sha256.Sum256(b)); err != nil {
		return nil, err
	}
	return b, nil
}

// CheckEntry reads the content of a listed file and compares it with its CRC-32
// and with the manifest's digest.
func (c *Reader) CheckEntry(name string) error {
	if _, ok := c.listed[name]; !ok {
		return fmt.Errorf("container: %.200q is not in the manifest: %w", name, fs.ErrNotExist)
	}
	e, err := c.Open(name)
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := e.WriteTo(h); err != nil {
		return err
	}
	return c.compare(name, evidence.Hash(h.Sum(nil)))
}

func (c *Reader) compare(name string, got evidence.Hash) error {
	if i, ok := c.listed[name]; ok && got != c.files[i].Digest {
		return refuse(ErrDigest, name, -1, "content has SHA-256 %s where the manifest states %s", got, c.files[i].Digest)
	}
	return nil
}

func (c *Reader) find(name string) (int, error) {
	i, ok := c.index[name]
	if !ok {
		return 0, fmt.Errorf("container: no entry %.200q: %w", name, fs.ErrNotExist)
	}
	return i, nil
}
