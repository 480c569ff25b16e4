//go:build engines

package s3_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/evidence/servertest"
	"example.org/custody/evidence/store/s3/s3test"
)

// What the page says to alarm on of a MinIO is what it shows.
func TestEngineGuide(t *testing.T) {
	server := s3test.Start(t, s3test.MinIO)
	e := servertest.Exporter{
		Program: filepath.Join(servertest.Built(t, "minio"), "minio"), At: server.Endpoint, Metrics: "/minio/v2/metrics/cluster",
		Header: http.Header{"Authorization": {"Bearer " + metricsToken(t)}},
	}
	e.Alarms(t, "testdata/alarms.txt")
}

// metricsToken is what MinIO's administrator would give to Prometheus: a JSON Web Token
// by the owner's secret.
func metricsToken(t *testing.T) string {
	t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(map[string]any{"alg": "HS512", "typ": "JWT"}) + "." +
		part(map[string]any{"exp": time.Now().Add(time.Hour).Unix(), "iss": "prometheus", "sub": s3test.Key})
	h := hmac.New(sha512.New, []byte(s3test.Secret))
	h.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
