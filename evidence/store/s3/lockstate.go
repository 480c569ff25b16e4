package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"

	"example.org/custody/evidence/store"
)

// lockOf returns what keeps a version. HEAD says it; of a version that others were
// put over, some services say nothing there and must be asked for each lock.
func (s *Store) lockOf(ctx context.Context, v minio.ObjectInfo) (store.Retention, error) {
	h, err := s.head(ctx, v)
	if err != nil {
		return store.Retention{}, err
	}
	r, err := retentionOf(h)
	if err != nil || v.IsLatest || r.Held || !r.Until.IsZero() {
		return r, err
	}
	var until struct {
		Mode            string
		RetainUntilDate time.Time
	}
	var hold struct{ Status string }
	if err := s.askLock(ctx, v, "retention", &until); err != nil {
		return r, err
	}
	if err := s.askLock(ctx, v, "legal-hold", &hold); err != nil {
		return r, err
	}
	if until.Mode == string(minio.Compliance) {
		r.Until = until.RetainUntilDate.UTC()
	}
	r.Held = hold.Status == string(minio.LegalHoldEnabled)
	return r, nil
}

// retentionOf reads the lock from the answer to HEAD. A lock in another mode than
// compliance is none.
func retentionOf(h http.Header) (r store.Retention, err error) {
	r.Held = h.Get("X-Amz-Object-Lock-Legal-Hold") == string(minio.LegalHoldEnabled)
	until := h.Get("X-Amz-Object-Lock-Retain-Until-Date")
	if until == "" || h.Get("X-Amz-Object-Lock-Mode") != string(minio.Compliance) {
		return r, nil
	}
	r.Until, err = time.Parse(time.RFC3339, until)
	r.Until = r.Until.UTC()
	return r, err
}

// lockAnswer bounds what a service may say of a lock, in bytes.
const lockAnswer = 64 << 10

// askLock fetches one lock of a version into doc, whatever the name of the answer's
// root: services differ, and the client takes one of them only. doc stays as it is
// when there is no such lock.
func (s *Store) askLock(ctx context.Context, v minio.ObjectInfo, which string, doc any) error {
	return s.ask(ctx, func(ctx context.Context) error {
		u, err := s.core.Presign(ctx, http.MethodGet, s.o.Location.Bucket, v.Key, time.Minute, url.Values{which: {""}, "versionId": {v.VersionID}})
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return err
		}
		answer, err := (&http.Client{Transport: s.via}).Do(r)
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the address, which is signed
		}
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(io.LimitReader(answer.Body, lockAnswer))
		if err != nil {
			return err
		}
		return parseLock(answer.StatusCode, b, doc)
	})
}

// mayAsk reports that a lock which HEAD did not show may not be seen with the credentials.
func (s *Store) mayAsk(ctx context.Context, v minio.ObjectInfo, which string) error {
	if err := s.askLock(ctx, v, which, new(struct{})); errors.Is(err, ErrDenied) {
		return fmt.Errorf("%s of %s: %w", which, v.Key, err)
	}
	return nil
}

// parseLock reads the answer to the question for a lock.
func parseLock(status int, b []byte, doc any) error {
	if status == http.StatusOK {
		if err := xml.Unmarshal(b, doc); err != nil {
			return fmt.Errorf("what it says of a lock: %w", err)
		}
		return nil
	}
	e := minio.ErrorResponse{StatusCode: status}
	if err := xml.Unmarshal(b, &e); err != nil {
		e.Code = http.StatusText(status)
	}
	if e.Code == "NoSuchObjectLockConfiguration" || e.Code == "ObjectLockConfigurationNotFoundError" || e.Code == "InvalidRequest" {
		return nil
	}
	return e
}
