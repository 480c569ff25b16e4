package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/minio/minio-go/v7"
)

// Errors of a service that does not do what it must. Each but ErrUnreachable, ErrBusy and
// ErrDenied means that nothing it says about the objects can be relied on.
var (
	ErrUnreachable = errors.New("the object storage does not answer")
	ErrBusy        = errors.New("the object storage turns requests away")
	ErrDenied      = errors.New("the credentials may not do all that a desk does in its bucket")
	ErrNoBucket    = errors.New("the bucket does not exist")
	ErrNoLock      = errors.New("the bucket has no object lock")
	ErrLockBroken  = errors.New("the object storage accepted a lock and did not keep it")
	ErrChecksum    = errors.New("the object storage does not compare checksums")
	ErrLost        = errors.New("the object storage lost what it had acknowledged")
	ErrTooLarge    = errors.New("larger than an object can be")
)

// turnsAway are codes of a service that may do at another time what it was asked for,
// whichever status they come with: joining parts may fail under one that says success, and a
// second question while the first is worked on is a conflict (Amazon S3 API,
// CompleteMultipartUpload, and "List of error codes").
var turnsAway = map[string]bool{
	"InternalError": true, "SlowDown": true, "ServiceUnavailable": true, "RequestTimeout": true,
	"OperationAborted": true, "ConditionalRequestConflict": true,
}

// classify names an error of the client, and says whether asking again may help.
func classify(err error) (named error, again bool) {
	r := minio.ToErrorResponse(err)
	switch {
	case errors.Is(err, errEnough), errors.Is(err, ErrChecksum), r.Code == "" && (errors.Is(err, context.Canceled) || errors.Is(err, fs.ErrNotExist)):
		return err, false
	case r.Code == "":
		return fmt.Errorf("%w: %w", ErrUnreachable, err), true
	case r.Code == minio.NoSuchBucket:
		return fmt.Errorf("%w: %w", ErrNoBucket, err), false
	case r.Code == minio.NoSuchKey || r.Code == "NoSuchVersion":
		return fmt.Errorf("%w: %s", fs.ErrNotExist, r.Code), false
	case r.Code == "InvalidAccessKeyId" || r.Code == "SignatureDoesNotMatch" || r.Code == "ExpiredToken":
		return fmt.Errorf("%w: %w", ErrCredentials, err), false
	case r.Code == minio.AccessDenied:
		return fmt.Errorf("%w: %w", ErrDenied, err), false
	case turnsAway[r.Code], r.StatusCode >= http.StatusInternalServerError && r.StatusCode != http.StatusNotImplemented,
		r.StatusCode == http.StatusTooManyRequests, r.StatusCode == http.StatusRequestTimeout:
		return fmt.Errorf("%w: %s: %w", ErrBusy, r.Code, err), true
	}
	return fmt.Errorf("object storage: %s: %w", r.Code, err), false
}

// code returns the S3 code of an error, "" when the service did not say any.
func code(err error) string {
	var r minio.ErrorResponse
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}
