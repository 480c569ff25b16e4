package trillianlog

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrNone reports a folder or a database without the ledger. It wraps [fs.ErrNotExist].
var ErrNone = fmt.Errorf("no ledger over Trillian here: %w", fs.ErrNotExist)

// ErrExists reports a ledger that is there already, in the folder or, under the same
// origin, in the database. It wraps [fs.ErrExist].
var ErrExists = fmt.Errorf("there is a ledger here: %w", fs.ErrExist)

// ErrConfig reports a configuration, in a folder or of a tree, that is not what this
// engine makes.
var ErrConfig = errors.New("the ledger's configuration over Trillian is not as it was made")

// ErrUnsafe reports a database that would acknowledge what a crash can lose.
var ErrUnsafe = errors.New("the ledger's database does not keep for good what it acknowledges")

// ErrPlain reports an address beyond this machine that would not be encrypted, or to
// whoever answers there.
var ErrPlain = errors.New("a connection beyond this machine must be encrypted, to a server that is verified")

// ErrPassword reports a connection string with a password in it, which would be stored
// and shown.
var ErrPassword = errors.New("a password must not stand in a connection string: PGPASSFILE or PGPASSWORD holds it, for MariaDB MYSQL_PWD_FILE or MYSQL_PWD")

// ErrDatabase reports a database that does not answer, or not as it should.
var ErrDatabase = errors.New("the ledger's database does not answer")

// ErrServer reports a Trillian log server that does not answer, or not as it should.
var ErrServer = errors.New("the Trillian log server does not answer")

// ErrSigner reports leaves that are durable and that no Trillian log signer has
// integrated in time. Submitting them again asks for their receipts.
var ErrSigner = errors.New("no Trillian log signer integrates the leaves")

// ErrTurn reports a ledger to which another node appended all the time that was waited.
var ErrTurn = errors.New("another node did not end its turn to append")

// ErrKey reports a signing key that is not the one under which the ledger was made.
var ErrKey = errors.New("the ledger was made under another key")

// errDeadlock reports a batch that the database rolled back, because it and another transaction
// waited for each other.
var errDeadlock = errors.New("the database rolled the leaves back, to end a deadlock")

// errRefused reports leaves of which the database has taken none.
var errRefused = errors.New("the database refused the leaves")
