package s3test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"strconv"
)

var (
	saidSum  = regexp.MustCompile(`<ChecksumSHA256>[^<]*</ChecksumSHA256>`)
	saidDone = []byte("</CompleteMultipartUploadResult>")
)

// lie makes an answer name another checksum than the server did: in the header, and in
// the document that says of parts that they are joined.
func lie(answer *http.Response) error {
	sum := sha256.Sum256([]byte("another"))
	other := base64.StdEncoding.EncodeToString(sum[:])
	answer.Header.Set("X-Amz-Checksum-Sha256", other)
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if bytes.Contains(b, saidDone) {
		b = saidSum.ReplaceAll(b, nil)
		b = bytes.Replace(b, saidDone, []byte("<ChecksumSHA256>"+other+"</ChecksumSHA256>"+string(saidDone)), 1)
		answer.Header.Set("Content-Length", strconv.Itoa(len(b)))
	}
	answer.Body = io.NopCloser(bytes.NewReader(b))
	return nil
}
