package intake

import (
	"archive/zip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"strings"
)

// archive is a zip whose members are found by name.
type archive map[string]*zip.File

// openZip opens a file as a zip of at most [maxMembers] members. archive/zip holds
// the whole directory, so how long it is is looked at before.
func openZip(f *file) (archive, error) {
	if n, err := listed(f); err != nil || n > maxMembers {
		return nil, errors.Join(err, over(n))
	}
	head := &bounded{r: f, left: maxListed}
	z, err := zip.NewReader(head, f.size)
	if errors.Is(err, errLimit) {
		return nil, err
	}
	if err != nil {
		return nil, badForm("%v", err)
	}
	head.left = math.MaxInt64
	if len(z.File) > maxMembers {
		return nil, over(uint64(len(z.File)))
	}
	a := archive{}
	for _, m := range z.File {
		if _, twice := a[m.Name]; twice {
			a[m.Name] = nil
			continue
		}
		a[m.Name] = m
	}
	return a, nil
}

func over(members uint64) error {
	if members <= maxMembers {
		return nil
	}
	return fmt.Errorf("%w: %d members", errLimit, members)
}

// bounded reads so many bytes and no more.
type bounded struct {
	r    io.ReaderAt
	left int64
}

// ReadAt implements [io.ReaderAt].
func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if int64(len(p)) > b.left {
		return 0, fmt.Errorf("%w: a directory of over %d bytes", errLimit, maxListed)
	}
	n, err := b.r.ReadAt(p, at)
	if b.left != math.MaxInt64 {
		b.left -= int64(n)
	}
	return n, err
}

// listed is how many members the end of a zip says it has (APPNOTE 4.3.14 to
// 4.3.16); archive/zip makes room for as many before it reads one.
func listed(f *file) (uint64, error) {
	tail := make([]byte, min(f.size, 22+math.MaxUint16+20))
	if _, err := f.ReadAt(tail, f.size-int64(len(tail))); err != nil && err != io.EOF {
		return 0, err
	}
	for at := len(tail) - 22; at >= 0; at-- {
		if string(tail[at:at+4]) != "PK\x05\x06" {
			continue
		}
		n := uint64(binary.LittleEndian.Uint16(tail[at+10:]))
		if at >= 20 && string(tail[at-20:at-16]) == "PK\x06\x07" {
			return listed64(f, n, int64(binary.LittleEndian.Uint64(tail[at-12:])))
		}
		return n, nil
	}
	return 0, badForm("it has no end of a zip")
}

func listed64(f *file, short uint64, at int64) (uint64, error) {
	b := make([]byte, 40)
	if _, err := f.ReadAt(b, at); err != nil || string(b[:4]) != "PK\x06\x06" {
		return short, nil // archive/zip says what is wrong with it
	}
	return max(short, binary.LittleEndian.Uint64(b[32:])), nil
}

// document reads a member that is a metadata document.
func document(m *zip.File) ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, badForm("%s: %v", clip(m.Name), err)
	}
	defer r.Close()
	b, err := readAll(r, maxDocument)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", clip(m.Name), err)
	}
	return b, nil
}

// hasher returns the hash of an algorithm as formats name it, or nil.
func hasher(algorithm string) hash.Hash {
	switch strings.ReplaceAll(strings.ToLower(algorithm), "-", "") {
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha256":
		return sha256.New()
	case "sha512":
		return sha512.New()
	}
	return nil
}

// expands is how many bytes the members of an archive of that size may have
// together: what is captured or delivered is rarely packed tighter, and members
// that overlap could claim any number.
func expands(size int64) int64 { return 100*size + 64<<20 }

// sameBytes reports whether all of r, of at most most bytes, has the digest, and
// how long it is.
func sameBytes(r io.Reader, h hash.Hash, digest string, most int64) (bool, int64, error) {
	n, err := io.Copy(h, io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = errLimit
	}
	return err == nil && strings.EqualFold(hex.EncodeToString(h.Sum(nil)), digest), n, err
}
