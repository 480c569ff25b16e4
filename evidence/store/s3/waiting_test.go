package s3

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

var errAway = errors.New("connection refused")

// attempt is what becomes of one question: it takes so long, and ends so.
type attempt struct {
	takes time.Duration
	err   error
}

// asked returns what whoever waits is told while a store with a patience of a minute
// asks, and is answered as attempts say, one after the other; the last one for ever.
// body is what do sends a byte of every four seconds.
func asked(t *testing.T, body []byte, attempts ...attempt) (told []Wait, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, e := New(Options{
			Location:    Location{Bucket: "evidence", Region: "us-east-1", Endpoint: "https://s3.example"},
			Credentials: credentials.NewStaticV4("key", "secret", ""),
			Patience:    time.Minute, Waiting: func(w Wait) { told = append(told, w) },
		})
		if e != nil {
			t.Fatal(e)
		}
		err = s.ask(t.Context(), func(context.Context) error {
			now := attempts[0]
			attempts = attempts[min(1, len(attempts)-1):]
			return s.withBody(body, func(r io.Reader) error {
				for one := make([]byte, 1); ; {
					if _, err := r.Read(one); err != nil {
						break
					}
					time.Sleep(4 * time.Second)
				}
				time.Sleep(now.takes)
				return now.err
			})
		})
		synctest.Wait()
		time.Sleep(time.Hour) // nothing is said afterwards
	})
	return told, err
}

// Whoever waits is told once of each silence: how long it will be waited for, and that
// it is over.
func TestWaiting(t *testing.T) {
	busy := minio.ErrorResponse{StatusCode: 503, Code: "SlowDown"}
	missing := minio.ErrorResponse{StatusCode: 404, Code: minio.NoSuchKey}
	for name, c := range map[string]struct {
		body     int // bytes
		attempts []attempt
		want     []Wait // without Location; Failed is what it is
		err      error
	}{
		"it answers in time":            {0, []attempt{{4 * time.Second, nil}}, nil, nil},
		"it fails at once for good":     {0, []attempt{{0, missing}}, nil, fs.ErrNotExist},
		"it fails once":                 {0, []attempt{{0, errAway}, {time.Second, nil}}, nil, nil},
		"it is slow, and bytes move":    {10, []attempt{{0, nil}}, nil, nil},
		"it is silent, and then not":    {0, []attempt{{30 * time.Second, nil}}, []Wait{{For: 5 * time.Second, Left: time.Minute}, {For: 30 * time.Second, Over: true}}, nil},
		"it takes all and is silent":    {1, []attempt{{30 * time.Second, nil}}, []Wait{{For: 5 * time.Second, Left: time.Minute}, {For: 34 * time.Second, Over: true}}, nil},
		"it is away, and never back":    {0, []attempt{{0, errAway}}, []Wait{{For: 5 * time.Second, Left: 55 * time.Second, Failed: ErrUnreachable}}, ErrUnreachable},
		"it turns away, and never ends": {0, []attempt{{0, busy}}, []Wait{{For: 5 * time.Second, Left: 55 * time.Second, Failed: ErrBusy}}, ErrBusy},
		"it takes bytes and turns away": {1, []attempt{{0, busy}}, []Wait{{For: 5 * time.Second, Left: time.Minute - time.Second, Failed: ErrBusy}}, ErrBusy},
		"it is away, and back": {0, []attempt{{0, errAway}, {20 * time.Second, errAway}, {0, nil}},
			[]Wait{{For: 5 * time.Second, Left: 55 * time.Second, Failed: ErrUnreachable}, {For: 20*time.Second + 150*time.Millisecond, Over: true}}, nil},
		"it says no in the end": {0, []attempt{{10 * time.Second, errAway}, {0, missing}},
			[]Wait{{For: 5 * time.Second, Left: time.Minute}, {For: 10*time.Second + 50*time.Millisecond, Over: true}}, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			told, err := asked(t, make([]byte, c.body), c.attempts...)
			if !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			for i := range told {
				if told[i].Location.Bucket != "evidence" {
					t.Errorf("told of %v", told[i].Location)
				}
				told[i].Location = Location{}
				if i < len(c.want) && errors.Is(told[i].Failed, c.want[i].Failed) {
					told[i].Failed = c.want[i].Failed
				}
			}
			if !reflect.DeepEqual(told, c.want) {
				t.Errorf("told %+v, want %+v", told, c.want)
			}
		})
	}
}

// Whoever does not take what is told keeps nobody: the service is asked on.
func TestWaitingIsToldAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stands, told := make(chan struct{}), []Wait{}
		s, err := New(Options{
			Location:    Location{Bucket: "evidence", Region: "us-east-1", Endpoint: "https://s3.example"},
			Credentials: credentials.NewStaticV4("key", "secret", ""),
			Waiting:     func(w Wait) { <-stands; told = append(told, w) },
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.ask(t.Context(), func(context.Context) error { time.Sleep(10 * time.Second); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		close(stands)
		synctest.Wait()
		if len(told) != 4 || told[0].Over || !told[1].Over || told[2].Over || !told[3].Over {
			t.Errorf("told %+v", told)
		}
	})
}

// Who waits for an object that the service still joins is told so once, however often it
// answers meanwhile that there is none.
func TestWaitingForWhatIsJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Wait
		s, err := New(Options{
			Location:    Location{Bucket: "evidence", Region: "us-east-1", Endpoint: "https://s3.example"},
			Credentials: credentials.NewStaticV4("key", "secret", ""),
			Waiting:     func(w Wait) { told = append(told, w) },
		})
		if err != nil {
			t.Fatal(err)
		}
		joined := time.Now().Add(time.Minute)
		err = s.askFor(t.Context(), time.Hour, func(ctx context.Context) error {
			if err := s.ask(looking(ctx), func(context.Context) error { return nil }); err != nil || time.Now().Before(joined) {
				return errors.Join(err, errNotYet)
			}
			return nil
		})
		synctest.Wait()
		if err != nil || len(told) != 2 || told[0].Over || !errors.Is(told[0].Failed, errNotYet) || !told[1].Over {
			t.Errorf("%v, told %+v", err, told)
		}
	})
}

// Of many that wait at once, as the parts of one object do, one says so, and how long the
// first of them is asked again: with it they all fail.
func TestWaitingTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Wait
		var first time.Time
		s, err := New(Options{
			Location:    Location{Bucket: "evidence", Region: "us-east-1", Endpoint: "https://s3.example"},
			Credentials: credentials.NewStaticV4("key", "secret", ""),
			Waiting: func(w Wait) {
				if told = append(told, w); len(told) == 1 {
					first = time.Now()
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		back := began.Add(time.Minute)
		for range 5 {
			time.Sleep(800 * time.Millisecond)
			go s.ask(t.Context(), func(context.Context) error {
				if time.Now().Before(back) {
					return errAway
				}
				return nil
			})
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(told) != 2 || told[0].Over || told[0].Left != 2*time.Minute-silence || !told[1].Over || first.Sub(began) != 800*time.Millisecond+silence {
			t.Errorf("told after %s: %+v", first.Sub(began), told)
		}
	})
}
