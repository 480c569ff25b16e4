package s3_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/s3"
)

// What is sent may by itself take longer than the patience: that begins with the first
// failure, so that there is always time to ask again.
func TestPatienceBeginsWithFailure(t *testing.T) {
	var asked atomic.Int64
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			<-r.Context().Done() // until it is given up
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, `<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>`)
	}))
	t.Cleanup(service.Close)
	s, err := s3.New(s3.Options{
		Location:    s3.Location{Bucket: "evidence", Endpoint: service.URL, Region: "us-east-1"},
		Credentials: credentials.NewStaticV4("key", "secret", ""),
		Patience:    500 * time.Millisecond, Still: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), evidence.NewObjectName()); !errors.Is(err, fs.ErrNotExist) || asked.Load() != 2 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
}
