package tesseralog

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrUnavailable reports that this build cannot keep a ledger: tessera's files
// need a Unix system.
var ErrUnavailable = errors.New("the embedded ledger is absent on this system: it needs Linux, macOS or BSD")

// ErrNone reports a folder without a ledger. It wraps [fs.ErrNotExist].
var ErrNone = fmt.Errorf("no ledger here: %w", fs.ErrNotExist)

// ErrExists reports a folder in which there is a ledger already. It wraps
// [fs.ErrExist].
var ErrExists = fmt.Errorf("there is a ledger here: %w", fs.ErrExist)

// ErrVersion reports a ledger of another version of the folder's format.
var ErrVersion = errors.New("ledger folder is of another version")

// ErrHalf reports a folder in which parts of a ledger are missing: a Create that
// was interrupted (call it again), or a copy that is not whole.
var ErrHalf = errors.New("ledger folder is half written")

// ErrDamaged reports files that do not say what the log said.
var ErrDamaged = errors.New("ledger folder is damaged")

// ErrOrigin reports a ledger of another name than its signing key's.
var ErrOrigin = errors.New("ledger has another origin")

// ErrTimeout reports a check that did not come to an end.
var ErrTimeout = errors.New("check of the ledger did not finish in time")
