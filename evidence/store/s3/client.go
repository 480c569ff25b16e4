package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
)

// Store is a store in a bucket. Its methods may be called concurrently.
type Store struct {
	o      Options
	core   minio.Core
	via    http.RoundTripper
	spare  chan []byte     // buffers of the first size of parts
	naming [256]sync.Mutex // by the first byte of a name: held while it is being taken
	lock   *durable.Lock   // nil unless it was opened for writing in a folder
	vigil  vigil

	probing sync.Mutex
	probed  bool
}

var _ store.Retainer = (*Store)(nil)

// Options are for [New].
type Options struct {
	Location    Location
	Credentials *credentials.Credentials // nil: environment, then the shared file; see [Credentials]
	Records     string                   // folder for what resumes an upload after a crash; "": none resumes
	WithoutLock bool                     // take a bucket whose objects can be deleted
	ReadOnly    bool                     // refuse Put, Delete, Retain and Hold
	Patience    time.Duration            // how long a service is asked again once it does not answer; 0: 2 minutes
	Still       time.Duration            // how long a request may stand still before it is given up; 0: a minute
	Parallel    int                      // parts being filled or sent at the same time; 0: 5
	Transport   http.RoundTripper        // nil: the client's own; for tests
	Files       durable.Files            // faults of Records, for tests

	// Waiting is told that the service is waited for, once it has been silent for some
	// seconds, and that it answers again; nil tells nobody. It must not call the store.
	Waiting func(Wait)

	probes bool // probe before the first Put
}

// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
// AWS_SESSION_TOKEN; without these from the file that AWS_SHARED_CREDENTIALS_FILE
// names, or ~/.aws/credentials, and its profile AWS_PROFILE, or default.
func Credentials() *credentials.Credentials {
	return credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}})
}

// ErrCredentials reports that there are none, or that the service does not take
// them.
var ErrCredentials = errors.New("no credentials for the object storage that it accepts")

// New returns a store without asking the service anything: see [Store.Probe].
func New(o Options) (*Store, error) {
	if err := o.Location.Validate(); err != nil {
		return nil, err
	}
	if o.Credentials == nil {
		o.Credentials = Credentials()
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Minute
	}
	if o.Still == 0 {
		o.Still = stillFor
	}
	if o.Parallel == 0 {
		o.Parallel = 5
	}
	if v, err := o.Credentials.GetWithContext(nil); err != nil || v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return nil, fmt.Errorf("%w: none in the environment, and none in a file", ErrCredentials)
	}
	host, secure := o.Location.host()
	via, err := transport(o, secure)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(host, &minio.Options{
		Creds: o.Credentials, Secure: secure, Region: o.Location.Region, Transport: via,
		MaxRetries: 1, // retrying is ours: it ends with the patience, and knows what may have been stored
		// Without trailers a checksum is a plain header, which every service tried understands.
		TrailingHeaders: false,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLocation, err)
	}
	return &Store{o: o, core: minio.Core{Client: client}, via: via, spare: make(chan []byte, o.Parallel),
		vigil: vigil{tell: o.Waiting, location: o.Location, patience: o.Patience}}, nil
}

// Close implements [store.Store].
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// probeOnce probes before the first Put, so that nothing is put where it would not be
// kept.
func (s *Store) probeOnce(ctx context.Context) error {
	s.probing.Lock()
	defer s.probing.Unlock()
	if !s.o.probes || s.probed {
		return nil
	}
	err := s.Probe(ctx)
	s.probed = err == nil
	return err
}

// Location returns where the store is.
func (s *Store) Location() Location { return s.o.Location }

func (s *Store) key(name evidence.ObjectName) string {
	n := name.String()
	return s.o.Location.key("objects/" + n[:2] + "/" + n)
}

// Object returns bucket and key of the object: for those who want to fetch it by
// hand.
func (s *Store) Object(name evidence.ObjectName) (bucket, key string) {
	return s.o.Location.Bucket, s.key(name)
}

// ask calls do until it succeeds, fails for good, or the patience ends, which begins
// when do fails: what is sent may take longer than that by itself. do may have had its
// effect although it returned an error.
func (s *Store) ask(ctx context.Context, do func(context.Context) error) error {
	return s.askFor(ctx, s.o.Patience, do)
}

// askFor is ask with another patience.
func (s *Store) askFor(ctx context.Context, patience time.Duration, do func(context.Context) error) error {
	v := s.watch(ctx)
	defer v.begin()()
	var deadline time.Time
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := do(ctx)
		if err == nil {
			v.answered()
			return nil
		}
		if e := context.Cause(ctx); e != nil {
			return e
		}
		if deadline.IsZero() {
			deadline = time.Now().Add(patience)
		}
		named, again := classify(err)
		if !again {
			v.answered()
			return named
		}
		if time.Now().Add(wait).After(deadline) {
			return named
		}
		v.failing(named, deadline)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// How long ask waits before it asks again.
const (
	firstWait   = 50 * time.Millisecond
	longestWait = 5 * time.Second
)
