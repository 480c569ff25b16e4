package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/verify"
)

// ErrUnknown reports a file that is none of ours.
var ErrUnknown = errors.New("no file of this tool's is known that begins like this")

// Inspection says what a file is and what it says of itself. Nothing in it is
// verified: that takes a trust list.
type Inspection struct {
	File  string        `json:"file"`
	Kind  string        `json:"kind"`  // stable: package, trust-list, card, key-file, …
	Title string        `json:"title"` // in words
	Size  int64         `json:"size"`  // bytes; 0 for a folder
	Facts []verify.Fact `json:"facts"`
	Parts []Part        `json:"parts,omitempty"` // of a package: its files, which [Show] shows
	Note  string        `json:"note"`            // what it does not say, or how to go on
}

// fact adds a value under a name.
func (i *Inspection) fact(name, format string, args ...any) {
	i.Facts = append(i.Facts, verify.Fact{Name: name, Value: fmt.Sprintf(format, args...)})
}

// inspector reads one kind of file. ok is false when the file is of another kind.
type inspector func(i *Inspection, f *inspected) (ok bool, err error)

// inspectors are asked in this order; each looks at the first bytes first.
var inspectors = []inspector{
	inspectPackage, inspectTrustList, inspectFounder, inspectTrustFile, inspectAlarm, inspectAgreement, inspectAnchor, inspectReceipt, inspectReceipts, inspectCheckpoint, inspectPolicy, inspectAge,
	inspectRecovery, inspectJSON, inspectBackup, inspectCertificate,
}

// inspectLimit bounds what is read whole of a file that is no container.
const inspectLimit = 64 << 20

// inspected is the file that is looked at.
type inspected struct {
	*os.File
	size int64
	head []byte // the first 512 bytes
}

// all returns the whole content of a file that is not larger than any text of ours.
func (f *inspected) all() ([]byte, error) {
	if f.size > inspectLimit {
		return nil, fmt.Errorf("%d bytes: %w", f.size, input.ErrTooLarge)
	}
	return io.ReadAll(io.NewSectionReader(f, 0, f.size))
}

func (f *inspected) begins(text string) bool { return bytes.HasPrefix(f.head, []byte(text)) }

// Look says what a file or folder is. It opens nothing that is encrypted and
// asks for no passphrase. It returns [ErrUnknown] for what is none of ours.
func Look(path string) (*Inspection, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	i := &Inspection{File: path, Size: info.Size(), Facts: []verify.Fact{}}
	if info.IsDir() {
		i.Size = 0
		return i, inspectFolder(i)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: %w", path, ErrUnknown)
	}
	raw, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	f := &inspected{File: raw, size: info.Size(), head: make([]byte, min(512, info.Size()))}
	if _, err := f.ReadAt(f.head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, look := range inspectors {
		switch ok, err := look(i, f); {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", path, err)
		case ok:
			return i, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", path, ErrUnknown)
}

// shortList joins at most ten texts.
func shortList(all []string) string {
	const most = 10
	var b bytes.Buffer
	for n, s := range all {
		if n == most {
			b.WriteString(", … " + strconv.Itoa(len(all)-most) + " more")
			break
		}
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	return b.String()
}
