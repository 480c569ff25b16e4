package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/trillianlog"
)

// What to do about a ledger that must not go on.
const (
	doOtherCopy = "do not act with this copy; find out which copy of this desk went on, and use that one"
	doReach     = "reach the other states' cosigners; custody trust cosigners names them anew"
)

// doMissed is what to do about items of which events since a backup could not be taken in.
const doMissed = "custody list says why, and asks the node again; the enrolment of an officer who signed since comes with any handoff from that officer's desk"

// nodeTime is how long the doctor waits for another state's node.
const nodeTime = 5 * time.Second

// ledger: its folder is there, and is not what was restored and nobody was asked about.
func (d *doctor) ledger() {
	if d.h.Joined() {
		d.Holds("ledger", "the state's node at %s keeps it", d.h.Config.Node)
		d.missed()
		return
	}
	switch err := d.h.wholeLedger(); {
	case errors.Is(err, tesseralog.ErrNone):
		d.Warns("ledger", "custody init on a system that has the embedded ledger; where there was one, custody restore from a backup", "the desk has no ledger of its own here")
	case err != nil:
		d.Fails("ledger", doWhole(err), "the ledger cannot be read: %v", err)
	}
	if trillianlog.Made(d.h.path("ledger")) {
		d.trillian()
	}
	for _, role := range []cosigner.Role{cosigner.Witness, cosigner.Auditor} {
		if _, err := cosigner.VKey(d.h.path("cosigner"), role); err != nil {
			d.Warns("cosigner."+string(role), "copy the folder cosigner from the desk that this one was restored from, if it is whole and stopped; else custody trust founder --new-cosigner, for the next trust list", "this state's %s cannot cosign other states' ledgers: %v", role, err)
		}
	}
	if d.h.restored() {
		d.Warns("ledger.restored", "custody doctor --unlock asks them, and so does the next act", "the desk was restored, and other states were not asked yet whether its ledger went on after the backup")
	}
}

// missed: all that was logged after the backup could be taken in.
func (d *doctor) missed() {
	switch ids, err := d.h.missed(); {
	case err != nil:
		d.Fails("ledger.missed", "custody restore from a backup", "%v", err)
	case len(ids) > 0:
		var short []string
		for _, id := range ids {
			short = append(short, id.Short())
		}
		d.Fails("ledger.missed", doMissed, "what was logged after the backup of %s could not be taken in, and nothing is done with it here", strings.Join(short, ", "))
	}
}

// trillian: the servers of the ledger answer, are as it needs them, and have integrated
// what is durable.
func (d *doctor) trillian() {
	ctx, cancel := context.WithTimeout(context.Background(), nodeTime)
	defer cancel()
	h, err := trillianlog.Look(ctx, d.h.path("ledger"))
	switch {
	case errors.Is(err, ledger.ErrBehind):
		d.Fails("ledger.trillian", "an older copy of the database was put back: find the newer one, and never go on with this one", "%v", err)
	case errors.Is(err, trillianlog.ErrUnsafe):
		d.Fails("ledger.trillian", "have what is named set to what is safe: of PostgreSQL fsync, full_page_writes and synchronous_commit to on, for the server, the database and every role; of MariaDB innodb_flush_log_at_trx_commit and sync_binlog to 1, log_bin and innodb_doublewrite to on; then start the log server again", "%v", err)
	case errors.Is(err, trillianlog.ErrDatabase):
		d.Fails("ledger.trillian", "start PostgreSQL or MariaDB, or reach it again; PGPASSFILE or PGPASSWORD holds the password, for MariaDB MYSQL_PWD_FILE or MYSQL_PWD", "%v", err)
	case errors.Is(err, trillianlog.ErrServer):
		d.Fails("ledger.trillian", "start trillian_log_server, or reach it again", "%v", err)
	case err != nil:
		d.Fails("ledger.trillian", "ask who runs the database what was changed: the tree, its guards (triggers) or the ledger's row", "%v", err)
	case h.Integrated < h.Leaves:
		d.Warns("ledger.trillian", "look again in a minute; if it is still so, start trillian_log_signer over the same database", "%d of %d leaves are not integrated and have no receipts yet", h.Leaves-h.Integrated, h.Leaves)
	case h.Ended:
		d.Holds("ledger.trillian", "the ledger has ended at every node, with %d leaves; log server %s", h.Leaves, h.LogServer)
	default:
		d.Holds("ledger.trillian", "%d leaves in the database, all integrated; %d are published; log server %s", h.Leaves, h.Published, h.LogServer)
	}
}

// wholeLedger opens the published ledger for reading.
func (h *Home) wholeLedger() error {
	r, err := tesseralog.OpenReader(h.path("ledger"))
	if err != nil {
		return err
	}
	_, err = r.Size(context.Background())
	return err
}

// Whole reports what shows from outside that the home is not whole, or of another
// version: its formats, and whether its ledger can be read.
func (h *Home) Whole() error {
	ledger := h.wholeLedger()
	if errors.Is(ledger, tesseralog.ErrNone) {
		ledger = nil // as on a system that has no embedded ledger
	}
	return errors.Join(h.wholeStore(), vault.CheckFormat(h.path("vault")), ledger)
}

// cosigners: every one that is named can be found, and has seen no more of the ledger
// than there is.
func (d *doctor) cosigners() {
	if len(d.h.Config.Cosigners) == 0 {
		d.Warns("cosigners", "agree with another state's authority on cosigning", "no other state cosigns this ledger: its word stands alone")
		return
	}
	ours := d.ownTree()
	for _, at := range d.h.NamedCosigners() {
		if client.IsAddress(at) {
			d.node(at, ours)
			continue
		}
		signed, err := cosigner.Latest(at, d.h.Config.Origin)
		if err != nil {
			d.Fails("cosigners", "reach the other state's cosigner again; until then acts get no receipt", "the cosigner in %s is not there: %v", at, err)
			continue
		}
		d.seen("the cosigner in "+at, signed, ours)
	}
}

// node checks that another state's node answers for both its cosigners.
func (d *doctor) node(address string, ours *ledger.Checkpoint) {
	n, err := client.New(address, nil)
	if err != nil {
		d.Fails("cosigners", "custody trust cosigners names them anew", "%v", err)
		return
	}
	defer n.Close()
	ctx, cancel := context.WithTimeout(context.Background(), nodeTime)
	defer cancel()
	var newest []byte
	for _, role := range []string{client.Witness, client.Auditor} {
		signed, err := n.Cosigner(role).Latest(ctx, d.h.Config.Origin)
		if err != nil {
			d.Fails("cosigners", "reach the other state's node again; until then acts get no receipt", "the node at %s does not answer: %v", address, err)
			return
		}
		newest = newer(newest, signed)
	}
	d.seen("the node at "+address, newest, ours)
}

// newer returns the note of the larger tree.
func newer(a, b []byte) []byte {
	x, errA := ledger.ReadCheckpoint(a)
	y, errB := ledger.ReadCheckpoint(b)
	if errA != nil || errB == nil && y.Size > x.Size {
		return b
	}
	return a
}

// ownTree is the published checkpoint of the desk's ledger; nil when it has none.
func (d *doctor) ownTree() *ledger.Checkpoint {
	r, err := tesseralog.OpenReader(d.h.path("ledger"))
	if err != nil {
		return nil // the line about the ledger says so
	}
	b, err := r.Checkpoint(context.Background())
	if err != nil {
		return nil
	}
	c, err := ledger.ReadCheckpoint(b)
	if err != nil {
		return nil
	}
	return &c
}

// seen sets what a cosigner signed last beside the ledger here: one that another state
// knows further must not go on (rule P21).
func (d *doctor) seen(who string, signed []byte, ours *ledger.Checkpoint) {
	if len(signed) == 0 || ours == nil {
		d.Holds("cosigners", "%s is there", who)
		return
	}
	theirs, err := ledger.ReadCheckpoint(signed)
	switch {
	case err != nil:
		d.Fails("cosigners", "tell the other state", "%s answers with what is no checkpoint: %v", who, err)
	case theirs.Size < ours.Size, theirs == *ours:
		d.Holds("cosigners", "%s is there, and has seen %d of %d leaves", who, theirs.Size, ours.Size)
	case d.h.stuck != nil || tesseralog.InUse(d.h.path("ledger")):
		d.Holds("cosigners", "%s is there", who) // whoever is at work may have gone on meanwhile
	case d.signedHere(signed):
		d.Fails("ledger.behind", doOtherCopy, "%s cosigned %d leaves of this ledger, and here are %d or others: this copy of the desk is older, and must not go on", who, theirs.Size, ours.Size)
	default:
		d.Warns("cosigners", "ask the other state how that came", "%s shows %d leaves of this ledger, and here are %d; nothing shows that the ledger signed them", who, theirs.Size, ours.Size)
	}
}

// signedHere reports whether a checkpoint was signed by this ledger's key, as the
// pinned list names it.
func (d *doctor) signedHere(signed []byte) bool {
	t, err := trustlist.Read(d.h.path("trust"))
	if err != nil || t == nil {
		return false
	}
	for _, l := range t.List.Logs {
		if evidence.Origin(l.Origin) != d.h.Config.Origin {
			continue
		}
		if v, err := l.Key.Verifier(); err == nil {
			if _, err := ledger.OpenCheckpoint(signed, v); err == nil {
				return true
			}
		}
	}
	return false
}
