//go:build engines

package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/store/s3/s3test"
)

type serverKey struct{}

var serverValue serverKey

// scriptLocked asks the server itself, past the store, for the lock of each object of
// STORE: there must be those that are named, and no others.
func scriptLocked(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: locked DAYS:held|free…")
	}
	l, err := s3.ParseLocation(ts.Getenv("STORE"))
	ts.Check(err)
	c, err := ts.Value(serverValue).(*s3test.Server).NewClient()
	ts.Check(err)
	var got []string
	for v := range c.ListObjectsIter(context.Background(), l.Bucket, minio.ListObjectsOptions{Prefix: l.Prefix + "/objects/", Recursive: true}) {
		ts.Check(v.Err)
		info, err := c.StatObject(context.Background(), l.Bucket, v.Key, minio.StatObjectOptions{})
		ts.Check(err)
		lock, err := lockText(info.Metadata, v.LastModified)
		ts.Check(err)
		got = append(got, lock)
	}
	slices.Sort(got)
	slices.Sort(args)
	if !slices.Equal(got, args) {
		ts.Fatalf("the server says %q, want %q", got, args)
	}
}

// lockText returns DAYS:held or DAYS:free of what was stored at that time: in whole days
// of compliance mode, give or take what a script lasts.
func lockText(h http.Header, stored time.Time) (string, error) {
	days, hold := 0, "free"
	if h.Get("X-Amz-Object-Lock-Legal-Hold") == string(minio.LegalHoldEnabled) {
		hold = "held"
	}
	if h.Get("X-Amz-Object-Lock-Mode") == string(minio.Compliance) {
		until, err := time.Parse(time.RFC3339, h.Get("X-Amz-Object-Lock-Retain-Until-Date"))
		if err != nil {
			return "", err
		}
		const day = 24 * time.Hour
		lasts := until.Sub(stored)
		days = int(lasts.Round(day) / day)
		if off := lasts - time.Duration(days)*day; off.Abs() > time.Hour {
			return "", fmt.Errorf("locked for %s, which are no whole days", lasts)
		}
	}
	return strconv.Itoa(days) + ":" + hold, nil
}
