package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	copyreaders "example.org/custody/verify/pack/readers"
)

// Problems of readers and their keys.
const (
	codeReader     ui.Code = "E-READER"
	codeReaders    ui.Code = "E-READERS"
	codeNoneRead   ui.Code = "E-NOTHING-ENCRYPTED"
	codeIdentity   ui.Code = "E-IDENTITY"
	codeNotReader  ui.Code = "E-NOT-READER"
	maxReadersFile         = 1 << 20 // bytes
)

var _ = ui.Register(
	ui.Entry{Code: codeReader, Title: "Not a reader's public key",
		Means: "no package was written; nobody could have opened the copies",
		Do:    []string{"ask the reader for what `age-keygen -y` prints: age1… or age1pq1…", "never ask for, or take, the key itself"},
		For:   []error{copyreaders.ErrRecipient}},
	ui.Entry{Code: codeReaders, Title: "These readers cannot share a copy",
		Means: "no package was written",
		Do:    []string{"make a package for each kind of reader", "ask all of them for keys of one kind; age1pq1… withstands quantum computers"},
		For:   []error{copyreaders.ErrMixed, desk.ErrBagReaders}},
	ui.Entry{Code: codeNoneRead, Title: "Nothing of that name to encrypt",
		Means: "no package was written, because everybody could have read the copy",
		Do:    []string{"custody show ITEM lists the names of its record", "a file that is withheld is not enclosed, so it has no readers"},
		For:   []error{desk.ErrNothingRead}},
	ui.Entry{Code: codeIdentity, Title: "Not a file with a reader's key",
		Means: "encrypted copies cannot be opened with it, so nothing was decided",
		Do:    []string{"give the file that age-keygen wrote, decrypted if it is encrypted itself: age -d key.age"},
		For:   []error{copyreaders.ErrIdentity}},
	ui.Entry{Code: codeNotReader, Title: "The copies are for other readers",
		Means: "the package is what it says, and the copies in it are encrypted to others",
		Do:    []string{"give the key of a reader whom it names: --identity FILE", "ask the sender for a package for you"},
		For:   []error{copies.ErrNotReader}},
)

// identityFlag names the key of a reader.
func identityFlag() cli.Flag {
	return &cli.PathFlag{Name: "identity", Usage: "the `FILE` with your key, for copies that are encrypted to you (age)"}
}

// readerFlag names whom copies are encrypted to.
func readerFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "reader", Usage: "encrypt the copies, or only those of a NAME, to a reader: `[[ITEM:]NAME=]age1…`, or a file of such lines"}
}

// identity reads the reader's keys; none when no file was named.
func identity(path string) (verify.Keys, error) {
	if path == "" {
		return nil, nil
	}
	b, err := readSmall(path, maxReadersFile)
	if err != nil {
		return nil, err
	}
	k, err := copyreaders.ParseKeys(b)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// reading is a reader of copies, which a person names like what is held back.
type reading struct {
	named string
	desk.ReaderOf
}

// ofFile is a reader of some copies alone: NAME=READER or ITEM:NAME=READER.
var ofFile = regexp.MustCompile(`^((?:.+:)?file/[^=:]*)=(.*)$`)

// readersIn finds the items whose copies are for somebody alone.
func readersIn(find desk.FindItem, list []reading) (all []desk.ReaderOf, err error) {
	for _, r := range list {
		if r.EntryName, err = desk.ParseEntryName(r.named, find); err != nil {
			return nil, err
		}
		all = append(all, r.ReaderOf)
	}
	return all, nil
}

// readReaders reads whom copies are encrypted to, and refuses before a passphrase is
// asked for what is nobody's public key.
func readReaders(c *cli.Context) (all []reading, err error) {
	for _, text := range c.StringSlice("reader") {
		name, who := "file/", text
		if m := ofFile.FindStringSubmatch(text); m != nil {
			name, who = m[1], m[2]
		}
		if strings.HasPrefix(strings.ToUpper(who), "AGE-SECRET-KEY") {
			return nil, fmt.Errorf("--reader was given a key, which nobody but its reader should have: %w", copyreaders.ErrRecipient)
		}
		list := []string{who}
		if !strings.HasPrefix(who, "age1") {
			b, err := readSmall(who, maxReadersFile)
			if err != nil {
				return nil, err
			}
			if list, err = copyreaders.ParseRecipients(b); err != nil {
				return nil, err
			}
		}
		for _, r := range list {
			if _, err := copyreaders.ParseRecipient(r); err != nil {
				return nil, err
			}
			all = append(all, reading{name, desk.ReaderOf{Recipient: r}})
		}
	}
	if len(all) > 0 && c.Bool("no-files") {
		return nil, ui.Usage("leave one of them out", "--reader encrypts copies, and --no-files encloses none")
	}
	return all, nil
}

// readSmall reads a regular file of at most most bytes; of a longer one no more.
func readSmall(path string, most int64) ([]byte, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}
