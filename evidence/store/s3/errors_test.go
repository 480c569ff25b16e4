package s3

import (
	"errors"
	"net/http"
	"testing"

	"github.com/minio/minio-go/v7"
)

// Which answers are asked again: by the code, where the status says nothing of it.
func TestClassify(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   error
		again  bool
	}{
		{http.StatusOK, "InternalError", ErrBusy, true}, // parts that could not be joined, said after the status
		{http.StatusOK, "SlowDown", ErrBusy, true},
		{http.StatusBadRequest, "RequestTimeout", ErrBusy, true},
		{http.StatusConflict, "OperationAborted", ErrBusy, true},
		{http.StatusConflict, "ConditionalRequestConflict", ErrBusy, true},
		{http.StatusServiceUnavailable, "XAnything", ErrBusy, true},
		{http.StatusTooManyRequests, "XAnything", ErrBusy, true},
		{http.StatusForbidden, minio.AccessDenied, ErrDenied, false},
		{http.StatusForbidden, "InvalidAccessKeyId", ErrCredentials, false},
		{http.StatusNotFound, minio.NoSuchBucket, ErrNoBucket, false},
		{http.StatusNotImplemented, "NotImplemented", nil, false},
		{http.StatusPreconditionFailed, minio.PreconditionFailed, nil, false},
		{http.StatusBadRequest, "InvalidPart", nil, false},
		{0, "", ErrUnreachable, true},
	} {
		var err error = minio.ErrorResponse{StatusCode: c.status, Code: c.code}
		if c.code == "" {
			err = errors.New("connection reset")
		}
		named, again := classify(err)
		if again != c.again || c.want != nil && !errors.Is(named, c.want) || c.want == nil && (errors.Is(named, ErrBusy) || code(named) != c.code) {
			t.Errorf("%d %s: %v, again %v", c.status, c.code, named, again)
		}
	}
}
