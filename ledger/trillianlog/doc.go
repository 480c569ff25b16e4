// Package trillianlog is the distributed log engine: google/trillian's log server and
// signer over PostgreSQL or MariaDB. Several nodes can serve one ledger.
//
//	dir/lock             held by the operating system while this node has the ledger open
//	dir/format           what this is: "custody ledger 1" and the origin, as in every engine
//	dir/trillian.json    where the servers are, and the number of Trillian's tree
//	dir/log/             a C2SP tlog-tiles folder: checkpoint, tile/…
//
// # Who does what
//
// The tree is of Trillian's kind PREORDERED_LOG: a node says which index a leaf gets, the
// log server puts whole batches into the database, the signer integrates them. What this
// package adds:
//
// The identity. Trillian refuses two leaves of one identity hash by a primary key. The
// identity of an event is the seal that it closes, so it is the database that refuses a
// second close, whoever asks.
//
// The guards (guard.sql, guard-mariadb.sql). Trillian takes of a batch the leaves that it can, which would
// leave an epoch without its events, or a hole that stops the signer. A trigger makes it
// whole batches at the end of the log, or nothing. A second one refuses the tree of a
// signer that is behind another signer. Both count for custody's trees only, and a
// database without them is refused. So is whatever comes behind the end of a ledger that was
// ended at one of its nodes. A trigger of MariaDB sees one row at a time: so there each leaf
// says where its batch begins.
//
// The turn. To append, a node holds the ledger's row of the table custody_ledger, in MariaDB
// of custody_turn. The database gives it to the nodes in the order in which they ask, and
// takes it back when a connection ends, so a node that is killed stops nobody. With the row
// it becomes the publisher, by swapping holder and term in it: whoever is named there, and
// nobody else, raises the size and root that are
// recorded as published. A turn ends when the database has the leaves, and the signer
// integrates those of many turns at once. The turn only saves work. What must never happen
// is refused by primary keys and guards.
//
// What waits. An append costs the database nearly the same whatever it holds. So a node that
// finds the turn taken puts what it wants appended into the table custody_waiting, and the
// next one that has the turn decides it with its own and appends both as one batch. What
// lies there is no promise: whose it is reads from the log what became of it. A turn that
// ends with its node gives back what was taken in it. A node whose leaves lay there never says
// that they are not logged, only that it does not know; and it appends nothing else before they
// are back.
//
// The tiles. Trillian has none. Each node computes them from the leaves in the database,
// below what it serves and reads. They can be made again at any time.
//
// # What is durable when
//
// Leaves are durable when the database has committed them, with fsync, full_page_writes
// and synchronous_commit on, or what is as safe in MariaDB, a synchronised binary log among it:
// a database without is not opened, and the guard takes no batch in a session without. They are acknowledged when the signer has
// integrated them, too, and Trillian's root is the one computed here.
//
// When an append fails, what happened is unknown until the database is read. Then only
// leaves count that Trillian has integrated. A leaf that is not there may land later all the
// same, when the log server, or the database with a commit, goes on behind an answer that came
// too late ([ledger.ErrOpen]): so it is not reported as lost, nor is any leaf of this node until
// the log has another one at the index where that append was to begin.
//
// A database that lacks a leaf which was there, or a Trillian whose root is not that of the
// leaves, stops the log for good ([ledger.ErrFatal]): somebody has put back an old copy.
package trillianlog
