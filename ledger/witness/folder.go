package witness

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger/closed"
)

// Folder is a [State] in a folder of files:
//
//	<SHA-256 of the origin>/<n>.note    the n-th note; the highest number counts
//	<SHA-256 of the origin>/alarm.json  the alarm, once there is one
//	<SHA-256 of the origin>/closed.map  an auditor's map of closed seals
//
// A note is written to a temporary file, synced, and linked to the next number,
// which fails when that number is taken: the file system itself does the
// check-and-set, among processes too. Older numbers are then removed. File systems
// without hard links are refused by the first Swap.
type Folder struct {
	dir string
	// step is called before each system call that changes something; tests stop there.
	step func(what string) error
}

// NewFolder returns the state in dir, which is made when it is not there.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("state of the witness: %w", err)
	}
	return &Folder{dir: dir, step: func(string) error { return nil }}, nil
}

func (f *Folder) of(o evidence.Origin) string {
	return filepath.Join(f.dir, evidence.Hash(sha256.Sum256([]byte(o))).String())
}

// Load implements [State].
func (f *Folder) Load(_ context.Context, o evidence.Origin) ([]byte, error) {
	_, b, err := newest(f.of(o))
	if err != nil {
		return nil, fmt.Errorf("state of %q: %w", o, err)
	}
	return b, nil
}

// newest returns the note with the highest number; 0 and nil when there is none.
func newest(dir string) (uint64, []byte, error) {
	for {
		numbers, err := numbers(dir)
		if err != nil || len(numbers) == 0 {
			return 0, nil, err
		}
		var last uint64
		for _, n := range numbers {
			last = max(last, n)
		}
		b, err := os.ReadFile(noteFile(dir, last))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a higher number has come and this one gone
		}
		return last, b, err
	}
}

func numbers(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []uint64
	for _, e := range entries {
		s, ok := strings.CutSuffix(e.Name(), ".note")
		n, err := strconv.ParseUint(s, 10, 64)
		if ok && err == nil && n > 0 {
			out = append(out, n)
		}
	}
	return out, nil
}

func noteFile(dir string, n uint64) string {
	return filepath.Join(dir, strconv.FormatUint(n, 10)+".note")
}

// Swap implements [State].
func (f *Folder) Swap(_ context.Context, o evidence.Origin, old, new []byte) error {
	if err := f.swap(f.of(o), old, new); err != nil {
		return fmt.Errorf("state of %q: %w", o, err)
	}
	return nil
}

func (f *Folder) swap(dir string, old, new []byte) error {
	if err := f.makeFolder(dir); err != nil {
		return err
	}
	last, have, err := newest(dir)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, old) {
		return ErrChanged
	}
	mine := noteFile(dir, last+1)
	err = f.create(dir, mine, new)
	if errors.Is(err, fs.ErrExist) {
		return ErrChanged
	}
	if err != nil {
		return err
	}
	// Whoever was slower than two others may have linked a number that is free
	// again. There is then a higher one.
	now, err := numbers(dir)
	if err != nil {
		return err
	}
	for _, n := range now {
		if n > last+1 {
			return errors.Join(ErrChanged, os.Remove(mine))
		}
	}
	for _, n := range now {
		if n <= last {
			os.Remove(noteFile(dir, n)) // what stays is never read
		}
	}
	return nil
}

// create makes a file with all its bytes, durably, or fails with fs.ErrExist.
func (f *Folder) create(dir, path string, b []byte) (err error) {
	if err := f.step("create"); err != nil {
		return err
	}
	t, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(t.Name())) }()
	_, err = t.Write(b)
	if err == nil {
		err = t.Sync()
	}
	if err := errors.Join(err, t.Close()); err != nil {
		return err
	}
	if err := f.step("link"); err != nil {
		return err
	}
	if err := os.Link(t.Name(), path); err != nil {
		return err
	}
	if err := f.step("sync folder"); err != nil {
		return err
	}
	return syncFolder(dir)
}

func (f *Folder) makeFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(f.dir)
}

const alarmFile = "alarm.json"

// Alarm implements [State].
func (f *Folder) Alarm(_ context.Context, o evidence.Origin) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(f.of(o), alarmFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("alarm of %q: %w", o, err)
	}
	return b, nil
}

// SetAlarm implements [State].
func (f *Folder) SetAlarm(_ context.Context, o evidence.Origin, alarm []byte) error {
	dir := f.of(o)
	err := f.makeFolder(dir)
	if err == nil {
		err = f.create(dir, filepath.Join(dir, alarmFile), alarm)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("alarm of %q: %w", o, err)
	}
	return nil
}

// OpenMap opens an auditor's map of a log, for [NewAuditor]. One that is damaged is
// begun again. Unlike the notes it must not be shared: one auditor at a time follows
// a log from here.
func (f *Folder) OpenMap(o evidence.Origin) (*closed.Map, error) {
	if err := f.makeFolder(f.of(o)); err != nil {
		return nil, err
	}
	return closed.OpenCache(filepath.Join(f.of(o), "closed.map"), o)
}

// syncFolder makes new names in a folder durable. On systems that cannot open
// folders they are as durable as the system makes them.
func syncFolder(dir string) error {
	switch runtime.GOOS {
	case "windows", "js", "wasip1", "plan9":
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
