package s3

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// Location says where a store is. It holds no credentials.
type Location struct {
	Bucket   string `json:"bucket"`           // 3 to 63 of a–z, 0–9, - and .
	Endpoint string `json:"endpoint"`         // https://HOST[:PORT]; http:// on loopback only
	Prefix   string `json:"prefix,omitempty"` // of every key, without slashes at its ends
	Region   string `json:"region"`
}

// defaultRegion is what services without regions expect to be asked for.
const defaultRegion = "us-east-1"

// ErrLocation reports a text that names no place for a store.
var ErrLocation = errors.New("not a place for a store")

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	prefixName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)
	regionName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
)

// ParseLocation reads s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]. Without an
// endpoint it is Amazon's of the region. It returns [ErrLocation].
func ParseLocation(text string) (Location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.User != nil || u.Fragment != "" || u.Port() != "" {
		return Location{}, fmt.Errorf("%w: want s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME], without credentials", ErrLocation)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Location{}, fmt.Errorf("%w: %w", ErrLocation, err)
	}
	for name, values := range q {
		if name != "endpoint" && name != "region" || len(values) != 1 {
			return Location{}, fmt.Errorf("%w: %q says nothing here, or is there twice", ErrLocation, name)
		}
	}
	l := Location{Bucket: u.Host, Endpoint: q.Get("endpoint"), Prefix: strings.Trim(u.Path, "/"), Region: q.Get("region")}
	if l.Region == "" {
		l.Region = defaultRegion
	}
	if l.Endpoint == "" {
		l.Endpoint = "https://s3." + l.Region + ".amazonaws.com"
	}
	return l, l.Validate()
}

// Validate checks the shape of each part. It returns [ErrLocation].
func (l Location) Validate() error {
	switch {
	case !bucketName.MatchString(l.Bucket):
		return fmt.Errorf("%w: bucket %q", ErrLocation, l.Bucket)
	case l.Prefix != "" && (!prefixName.MatchString(l.Prefix) || len(l.Prefix) > 200):
		return fmt.Errorf("%w: prefix %q", ErrLocation, l.Prefix)
	case !regionName.MatchString(l.Region):
		return fmt.Errorf("%w: region %q", ErrLocation, l.Region)
	}
	u, err := url.Parse(l.Endpoint)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%w: endpoint %q is not https://HOST[:PORT]", ErrLocation, l.Endpoint)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return fmt.Errorf("%w: endpoint %q: http is for this machine alone, everything else takes https", ErrLocation, l.Endpoint)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String is what [ParseLocation] reads.
func (l Location) String() string {
	u := url.URL{Scheme: "s3", Host: l.Bucket, RawQuery: url.Values{"endpoint": {l.Endpoint}, "region": {l.Region}}.Encode()}
	if l.Prefix != "" {
		u.Path = "/" + l.Prefix
	}
	return u.String()
}

// host returns what the client is given, and whether it is to use TLS.
func (l Location) host() (string, bool) {
	scheme, host, _ := strings.Cut(l.Endpoint, "://")
	return host, scheme == "https"
}

// Below returns the place that has name behind the prefix, so that several stores share
// a bucket.
func (l Location) Below(name string) Location {
	l.Prefix = l.key(name)
	return l
}

// key returns the key of something below the prefix.
func (l Location) key(path string) string {
	if l.Prefix == "" {
		return path
	}
	return l.Prefix + "/" + path
}
