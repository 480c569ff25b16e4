package nodehome

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// nextFolder is below node/ while a successor takes the ledger's place. What is in it is
// in clear, and so it is in no backup.
const nextFolder = "next"

// MakeNext makes, beside what the node has, what it needs to keep the ledger that is to
// follow: about says of it what node.json says of the present one. logKey is the
// successor's C2SP signer key. Nothing changes for the node until [PlaceNext].
func MakeNext(home string, about About, logKey string, files durable.Files) error {
	dir := filepath.Join(Folder(home), nextFolder)
	if err := os.RemoveAll(dir); err != nil { // of a succession that was not decided
		return err
	}
	if err := files.Mkdir(dir); err != nil {
		return err
	}
	about.Format = format
	content, err := evidence.Canonical(about)
	if err != nil {
		return err
	}
	return errors.Join(
		files.WriteFile(filepath.Join(dir, keyFile), []byte(logKey+"\n"), 0o600),
		files.WriteFile(filepath.Join(dir, configFile), content, 0o600),
	)
}

// PlaceNext puts what [MakeNext] made in the place of what the node had. It may be
// repeated, whatever ended the process before. The key of the ended ledger is gone then:
// there is nothing left for it to sign.
func PlaceNext(home string, files durable.Files) error {
	for _, name := range []string{keyFile, configFile} {
		err := files.Replace(filepath.Join(Folder(home), nextFolder, name), filepath.Join(Folder(home), name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(files.SyncDir(Folder(home)), os.RemoveAll(filepath.Join(Folder(home), nextFolder)))
}
