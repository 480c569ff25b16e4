package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
)

// folderFormat is the whole of the format file of a desk's folder for a store in a
// bucket.
const folderFormat = "custody/store-s3/v1\n"

const (
	formatFile = "FORMAT"
	configFile = "bucket.json"
	lockFile   = "lock"
	recordsDir = "uploads"
)

// Config is bucket.json: where the store is, and how long what is there is locked.
type Config struct {
	Location
	Retention   Retention `json:"retention"`
	WithoutLock string    `json:"without_lock,omitempty"` // [Unlocked], or nothing
}

// Unlocked are the words that take a bucket without lock.
const Unlocked = "evidence here can be deleted"

// ErrWords reports other words than [Unlocked].
var ErrWords = fmt.Errorf("a bucket without lock takes the words %q", Unlocked)

// Validate checks every part. It returns [ErrLocation], [ErrWords] or [ErrPeriod].
func (c Config) Validate() error {
	if c.WithoutLock != "" && c.WithoutLock != Unlocked {
		return fmt.Errorf("%q: %w", c.WithoutLock, ErrWords)
	}
	return errors.Join(c.Location.Validate(), c.Retention.Validate())
}

// Marshal returns the bytes of bucket.json.
func (c Config) Marshal() ([]byte, error) { return evidence.Canonical(c) }

// ParseConfig reads bucket.json.
func ParseConfig(b []byte) (c Config, err error) {
	if err := evidence.ParseCanonical(b, &c); err != nil {
		return c, err
	}
	return c, c.Validate()
}

// IsFolder reports whether the folder is one for a store in a bucket, of whatever
// version.
func IsFolder(path string) bool {
	b, err := os.ReadFile(filepath.Join(path, formatFile))
	return err == nil && strings.HasPrefix(string(b), "custody/store-s3/")
}

// CreateFolder makes the folder path of a desk whose store is in a bucket. It asks
// the service nothing: see [Store.Probe]. The format file comes last.
func CreateFolder(path string, c Config, files durable.Files) error {
	if err := c.Validate(); err != nil {
		return err
	}
	b, err := c.Marshal()
	if err != nil {
		return err
	}
	for _, dir := range []string{path, filepath.Join(path, recordsDir)} {
		if err := files.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := files.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	if err := files.WriteFile(filepath.Join(path, configFile), b, 0o600); err != nil {
		return err
	}
	return files.WriteNew(filepath.Join(path, formatFile), []byte(folderFormat), 0o600)
}

// ReadConfig reads the folder's bucket.json, and returns its bytes too. It returns
// [*store.FormatError] or [store.ErrHalfMade].
func ReadConfig(path string) (Config, []byte, error) {
	format, err := os.ReadFile(filepath.Join(path, formatFile))
	if err != nil {
		return Config{}, nil, err
	}
	if string(format) != folderFormat {
		return Config{}, nil, &store.FormatError{Path: path, Found: fmt.Sprintf("%.80s", strings.TrimSpace(string(format)))}
	}
	b, err := os.ReadFile(filepath.Join(path, configFile))
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w: %w", configFile, store.ErrHalfMade, err)
	}
	c, err := ParseConfig(b)
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w: %w", configFile, store.ErrHalfMade, err)
	}
	return c, b, nil
}

// OpenFolder opens the store of the folder that [CreateFolder] made. o says the rest;
// what c says is taken from there. It returns [durable.ErrInUse] while another
// process has it open for writing. Before the first Put the service is probed.
func OpenFolder(path string, c Config, o Options) (*Store, error) {
	o.Location, o.WithoutLock = c.Location, c.WithoutLock != ""
	if o.ReadOnly {
		return New(o)
	}
	o.Records, o.probes = filepath.Join(path, recordsDir), true
	lock, err := durable.NewLock(filepath.Join(path, lockFile))
	if err != nil {
		return nil, err
	}
	s, err := New(o)
	if err == nil {
		err = readyRecords(o)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

// readyRecords makes the folder of records again, which a careless copy drops when it
// is empty, and removes what an interrupted process left half written.
func readyRecords(o Options) error {
	if err := o.Files.Mkdir(o.Records); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	_, err := o.Files.RemoveTemps(o.Records)
	return err
}
