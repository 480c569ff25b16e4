package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/minio/minio-go/v7"
)

// Sizes of parts, in bytes. A service takes 10,000 parts, none but the last under 5
// MiB, and 5 TiB together; who does not know how long a stream will be begins small.
const (
	partSmall, smallParts   = 8 << 20, 1000
	partMedium, mediumParts = 64 << 20, 3000 // up to this number
	partLarge, mostParts    = 768 << 20, 10_000
)

// partsMemory bounds the bytes of the parts under way, save that one part always is.
const partsMemory = 256 << 20

// partSize returns the size of part number n, from 1; 0 when there is none.
func partSize(n int) int {
	switch {
	case n <= smallParts:
		return partSmall
	case n <= mediumParts:
		return partMedium
	case n <= mostParts:
		return partLarge
	}
	return 0
}

// part is a piece of an object on its way to the service and to the digest of the
// whole.
type part struct {
	number int // from 1
	buf    []byte
	n      int // bytes of buf in use
	users  atomic.Int32
}

func (p *part) bytes() []byte { return p.buf[:p.n] }

// checksum is the SHA-256 as S3 writes it.
func checksum(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

const checksumHeader = "X-Amz-Checksum-Sha256"

// body lets a request read bytes until it is detached: net/http may go on reading a
// while after it has returned the answer, and the buffer is used again.
type body struct {
	mu sync.Mutex
	r  *bytes.Reader
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.r == nil {
		return 0, errDetached
	}
	return b.r.Read(p)
}

func (b *body) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.r = nil
}

var errDetached = errors.New("the request is over")

// withBody calls do with a reader of content that ends with the call.
func (s *Store) withBody(content []byte, do func(io.Reader) error) error {
	b := &body{r: bytes.NewReader(content)}
	defer b.detach()
	return do(watched{b, &s.vigil})
}

// sendPart stores one part and returns what completes the upload.
func (s *Store) sendPart(ctx context.Context, u *upload, p *part) (minio.CompletePart, error) {
	sum := checksum(p.bytes())
	if have, ok := u.have[p.number]; ok && have.Size == int64(p.n) && have.ChecksumSHA256 == sum {
		return minio.CompletePart{PartNumber: p.number, ETag: have.ETag, ChecksumSHA256: sum}, nil
	}
	var done minio.ObjectPart
	err := s.ask(ctx, func(ctx context.Context) error {
		return s.withBody(p.bytes(), func(r io.Reader) (err error) {
			done, err = s.core.PutObjectPart(ctx, s.o.Location.Bucket, u.key, u.ID, p.number, r, int64(p.n), minio.PutObjectPartOptions{
				DisableContentSha256: true, // the checksum is signed with the header and says the same
				CustomHeader:         http.Header{checksumHeader: {sum}},
			})
			return err
		})
	})
	if err == nil && done.ChecksumSHA256 != "" && done.ChecksumSHA256 != sum {
		err = fmt.Errorf("part %d of %s: it says %s and was sent %s: %w", p.number, u.key, done.ChecksumSHA256, sum, ErrChecksum)
	}
	return minio.CompletePart{PartNumber: p.number, ETag: done.ETag, ChecksumSHA256: sum}, err
}

// compositeChecksum is what S3 says of an object made of parts: the SHA-256 of the
// parts' sums, and their number.
func compositeChecksum(parts []minio.CompletePart) string {
	h := sha256.New()
	for _, p := range parts {
		sum, _ := base64.StdEncoding.DecodeString(p.ChecksumSHA256)
		h.Write(sum)
	}
	return fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(h.Sum(nil)), len(parts))
}
