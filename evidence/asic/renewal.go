package asic

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.org/custody/evidence"
)

// MaxArchives is how many archive timestamps a container can have.
const MaxArchives = 99

// archiveHead begins the names of the manifests of archive timestamps.
const archiveHead = metaFolder + "ASiCArchiveManifest"

// ArchiveName returns the name of the manifest of archive timestamp k, from 1
// (ETSI EN 319 162-1, ASiCArchiveManifest).
func ArchiveName(k int) string { return fmt.Sprintf("%s%03d.xml", archiveHead, k) }

// ArchiveToken returns the name of the token of archive timestamp k, from 1.
func ArchiveToken(k int) string { return fmt.Sprintf("%stimestamp%03d.tst", metaFolder, k+1) }

// Archive is one archive timestamp: a manifest of everything that stands before it
// in the container, with SHA-512, and a token over that manifest.
type Archive struct {
	Name   string // of the manifest
	Token  string // name of the token
	Bytes  []byte // the manifest, which the token is over
	listed []archived
}

// archived is an entry as the manifest of an archive timestamp lists it.
type archived struct {
	name, mime string
	root       bool // the manifest of the archive timestamp before
	digest     [sha512.Size]byte
}

const longHead = `    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/>` + "\n" + `    <ds:DigestValue>`

// appendHead appends what comes before the digest of an entry.
func (a archived) appendHead(b []byte) []byte {
	b = append(b, fileHead+uri(a.name)+typeHead+a.mime...)
	if a.root {
		return append(b, rootEnd+longHead...)
	}
	return append(b, fileEnd+longHead...)
}

// appendArchive appends the manifest of an archive timestamp.
func appendArchive(b []byte, token string, listed []archived) []byte {
	b = append(b, manifestHead+sigHead+uri(token)+typeHead+signatureType(Timestamp)+sigEnd...)
	for _, a := range listed {
		b = a.appendHead(b)
		b = base64.StdEncoding.AppendEncode(b, a.digest[:])
		b = append(b, digestEnd...)
	}
	return append(b, manifestTail...)
}

// parseArchive reads the digests out of a manifest of these entries; there is no other
// way to write one.
func parseArchive(b []byte, token string, listed []archived) error {
	p := &manifestParser{rest: string(b)}
	p.expect(manifestHead + sigHead + uri(token) + typeHead + signatureType(Timestamp) + sigEnd)
	for i := range listed {
		a := &listed[i]
		p.expect(string(a.appendHead(nil)))
		text := p.until(digestEnd)
		digest, err := base64.StdEncoding.Strict().DecodeString(text)
		switch {
		case p.err != nil:
			return p.err
		case err != nil || len(digest) != sha512.Size:
			return fmt.Errorf("manifest: digest of %.200q is not 64 bytes in base64: %.80q", a.name, text)
		}
		copy(a.digest[:], digest)
	}
	p.expect(manifestTail)
	if p.err == nil && p.rest != "" {
		p.err = fmt.Errorf("manifest: %.60q after its end", p.rest)
	}
	return p.err
}

// splitArchives returns how many of the members stand before the archive timestamps,
// and proves the order of those.
func splitArchives(members []member) (int, error) {
	n := len(members)
	for i, m := range members {
		if strings.HasPrefix(m.name, archiveHead) {
			n = i
			break
		}
	}
	for i, m := range members[n:] {
		want := ArchiveName(i/2 + 1)
		if i%2 == 1 {
			want = ArchiveToken(i/2 + 1)
		}
		if m.name != want || i >= 2*MaxArchives {
			return 0, refuse(ErrMalformed, m.name, m.at, "stands where %q belongs, or nothing", want)
		}
	}
	if (len(members)-n)%2 != 0 {
		m := members[len(members)-1]
		return 0, refuse(ErrMalformed, m.name, m.at, "is the manifest of an archive timestamp that is not there")
	}
	return n, nil
}

// checkArchives compares the manifest of every archive timestamp with what stands
// before it, but for the digests, which [Reader.CheckArchives] does.
func (c *Reader) checkArchives() error {
	for k := 1; ; k++ {
		i, ok := c.index[ArchiveName(k)]
		if !ok {
			return nil
		}
		a := Archive{Name: ArchiveName(k), Token: ArchiveToken(k), listed: c.before(i)}
		var err error
		if a.Bytes, err = c.archive.readAll(i, c.archive.members[i].size); err != nil {
			return err
		}
		if err := parseArchive(a.Bytes, a.Token, a.listed); err != nil {
			return refuse(ErrMalformed, a.Name, c.archive.members[i].at, "%v", err)
		}
		c.archives = append(c.archives, a)
	}
}

// before lists the members before place i, without mimetype, as a manifest of an
// archive timestamp at that place does.
func (c *Reader) before(i int) []archived {
	list := make([]archived, 0, i-1)
	for _, m := range c.archive.members[1:i] {
		a := archived{name: m.name, mime: signatureType(m.name)}
		e, data := c.Entry(m.name)
		switch {
		case data:
			a.mime = e.MimeType
		case m.name == ManifestName || strings.HasPrefix(m.name, archiveHead):
			a.mime = manifestType
		case a.mime == "":
			a.mime = signatureType(Timestamp)
		}
		list = append(list, a)
	}
	if n := len(list); n > 1 && strings.HasPrefix(list[n-2].name, archiveHead) {
		list[n-2].root = true
	}
	return list
}

// Archives returns the archive timestamps, the oldest first. What their manifests
// state is not compared yet.
func (c *Reader) Archives() []Archive { return c.archives }

// CheckArchives reads everything that archive timestamps list, once, and compares it
// with the digests in each. It returns for each the refusal that it deserves, or nil,
// and an error of the medium, or the context's. report is told of the bytes read.
func (c *Reader) CheckArchives(ctx context.Context, report func(n int)) ([]error, error) {
	found := make([]error, len(c.archives))
	if len(found) == 0 {
		return nil, nil
	}
	for i := range c.archives[len(found)-1].listed {
		m := &c.archive.members[i+1]
		digest, err := c.archive.long(ctx, i+1, report, io.Discard)
		if bad := (*Error)(nil); err != nil && !errors.As(err, &bad) {
			return nil, err
		}
		for k, a := range c.archives {
			if i >= len(a.listed) || found[k] != nil {
				continue
			}
			if found[k] = err; err == nil && a.listed[i].digest != digest {
				found[k] = refuse(ErrDigest, m.name, -1, "content has another SHA-512 than %s states", a.Name)
			}
		}
	}
	return found, nil
}

// long returns the SHA-512 of a member's content, which is read to its end and goes to
// also, which never fails.
func (a *archive) long(ctx context.Context, i int, report func(n int), also io.Writer) (d [sha512.Size]byte, err error) {
	h := sha512.New()
	src := a.content(i)
	buf := make([]byte, min(copyBuffer, max(src.Size(), 1)))
	for {
		if err := ctx.Err(); err != nil {
			return d, err
		}
		n, err := src.Read(buf)
		h.Write(buf[:n])
		also.Write(buf[:n])
		report(n)
		if err == io.EOF {
			return [sha512.Size]byte(h.Sum(nil)), nil
		}
		if err != nil {
			return d, err
		}
	}
}

// Renew writes to dst, which must be empty, the container with one more archive
// timestamp: every byte but the directory as it was, the new manifest, and the token
// that stamp returns over its bytes. It reads every content and refuses one that is
// not what the manifest, or an archive timestamp before, states.
func (c *Reader) Renew(ctx context.Context, dst io.WriterAt, stamp func(ctx context.Context, manifest []byte) ([]byte, error), report func(n int)) error {
	k, members := len(c.archives)+1, c.archive.members
	if k > MaxArchives || len(members)+2 > MaxEntries {
		return refuse(ErrLimit, "", -1, "has %d entries and %d archive timestamps: there is no place for another", len(members), k-1)
	}
	listed := c.before(len(members))
	for i := range listed {
		short := sha256.New()
		var err error
		if listed[i].digest, err = c.archive.long(ctx, i+1, report, short); err != nil {
			return err
		}
		if err := c.compare(listed[i].name, evidence.Hash(short.Sum(nil))); err != nil {
			return err
		}
		for _, a := range c.archives {
			if i < len(a.listed) && a.listed[i].digest != listed[i].digest {
				return refuse(ErrDigest, listed[i].name, -1, "content has another SHA-512 than %s states", a.Name)
			}
		}
	}
	manifest := appendArchive(nil, ArchiveToken(k), listed)
	token, err := stamp(ctx, manifest)
	if err != nil {
		return err
	}
	return c.archive.extend(ctx, dst, []addition{{ArchiveName(k), manifest}, {ArchiveToken(k), token}})
}

// addition is an entry that is written behind the others.
type addition struct {
	name    string
	content []byte
}

// extend copies the archive up to its directory, writes further entries and the
// directory of all.
func (a *archive) extend(ctx context.Context, dst io.WriterAt, more []addition) error {
	s := newSink(dst)
	z := newZipWriter(s, a.limits)
	z.members = append(z.members, a.members...)
	last := &a.members[len(a.members)-1]
	end := last.at + a.layout.localLen(last) + last.size
	buf := make([]byte, min(copyBuffer, end))
	for at := int64(0); at < end; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buf[:min(int64(len(buf)), end-at)]
		if err := readAt(a.r, b, at); err != nil {
			return err
		}
		if _, err := z.Write(b); err != nil {
			return fmt.Errorf("container: %w", err)
		}
	}
	for _, m := range more {
		if _, err := z.begin(m.name, int64(len(m.content)), checksum(0, m.content)); err != nil {
			return err
		}
		if _, err := z.Write(m.content); err != nil {
			return fmt.Errorf("container: %w", err)
		}
	}
	if err := z.finish(); err != nil {
		return err
	}
	return s.flush()
}

// RenewFile is [Reader.Renew] to a path, as [Create] makes one: it shows nothing, or
// what stood there, until the whole container is durable.
func (c *Reader) RenewFile(ctx context.Context, path string, overwrite bool, stamp func(ctx context.Context, manifest []byte) ([]byte, error), report func(n int)) error {
	f, err := newFile(path, overwrite)
	if err != nil {
		return err
	}
	if err := c.Renew(ctx, f.temp, stamp, report); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Close()
}
