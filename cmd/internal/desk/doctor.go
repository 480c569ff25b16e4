package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"example.org/custody/evidence/store"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/verify"
)

// Check is the result of one look at a home.
type Check struct {
	Name    string        // stable: home.format, disk.space, …
	Status  verify.Status // holds; fails: must be put right; undecided: should be looked at
	Subject string        // what was looked at
	Detail  string        // one sentence
	Do      string        // what to do, when it does not hold
}

// Ages and sizes from which [Home.Doctor] warns.
const (
	backupAge  = 7 * 24 * time.Hour
	diskFails  = 100 << 20
	diskWarns  = 1 << 30
	listWarns  = 30 * 24 * time.Hour
	clockSlack = time.Minute
)

// Doctor looks at everything that can be looked at without a key: the home's
// files, keys by their cards, trust list, store, disk, clock, queue, cosigners,
// and the age of the last backup. It changes nothing but a probe in the store
// that it takes away again.
func (h *Home) Doctor() []Check {
	d := &doctor{h: h}
	for _, look := range []func(){
		d.format, d.keys, d.recovery, d.trust, d.store, d.disk, d.clock, d.ledger, d.queue, d.backup,
	} {
		look()
	}
	return d.checks
}

// NoteCheck remembers when the home was last looked at.
func (h *Home) NoteCheck() error {
	now := h.Now().Truncate(time.Second)
	return h.updateState(func(s *State) { s.LastCheck = &now })
}

// doctor gathers checks.
type doctor struct {
	h      *Home
	checks []Check
}

func (d *doctor) add(name string, s verify.Status, do, detail string, args ...any) {
	d.checks = append(d.checks, Check{Name: name, Status: s, Detail: fmt.Sprintf(detail, args...), Do: do})
}

func (d *doctor) holds(name, detail string, args ...any) {
	d.add(name, verify.Holds, "", detail, args...)
}

func (d *doctor) warns(name, do, detail string, args ...any) {
	d.add(name, verify.Undecided, do, detail, args...)
}

func (d *doctor) fails(name, do, detail string, args ...any) {
	d.add(name, verify.Fails, do, detail, args...)
}

// format: that the home opened proves its version and folders.
func (d *doctor) format() {
	d.holds("home.format", "%s, of %s, made %s", d.h.Config.Format, d.h.Config.State, d.h.Config.Created.Format(time.DateOnly))
}

// keys: each officer has a key file that is private and a card that fits.
func (d *doctor) keys() {
	aliases, err := d.h.Officers()
	if err != nil || len(aliases) == 0 {
		d.fails("keys", "custody restore from a backup", "the desk has no officer's key")
		return
	}
	for _, alias := range aliases {
		card, err := d.h.CardOf(alias)
		info, statErr := os.Stat(d.h.path("keys", alias+".key"))
		switch {
		case err != nil || statErr != nil:
			d.fails("keys."+alias, "custody restore from a backup", "the key or card of %s cannot be read", alias)
		case card.Enrolment == nil:
			d.fails("keys."+alias, "custody key add again", "the key of %s is not enrolled", alias)
		case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
			d.fails("keys."+alias, "chmod 600 the key file, and change the passphrase", "the key file of %s can be read by others on this machine", alias)
		default:
			d.holds("keys."+alias, "%s, role %s, enrolled", alias, card.Role)
		}
	}
}

func (d *doctor) recovery() {
	if d.h.Config.Recovery == "" {
		d.warns("recovery", "keep the passphrases of two officers in two places", "there is no recovery identity: whoever loses every passphrase loses the evidence")
		return
	}
	d.holds("recovery", "all is encrypted to the recovery identity, too")
}

// trust: a list is pinned, names this desk's ledger, and speaks for some time yet.
func (d *doctor) trust() {
	t, err := readTrusted(d.h.path("trust"))
	switch {
	case err != nil:
		d.fails("trust.list", "ask the state's authority for the list again", "the pinned list cannot be used: %v", err)
		return
	case t == nil:
		d.warns("trust.list", "pin the list that the states agreed on", "no trust list is pinned, so nothing can be packed and no verdict be given here")
		return
	}
	left := t.list.NextUpdate.Sub(d.h.Now())
	switch state, ok := t.list.StateOf(string(d.h.Config.Origin)); {
	case !ok || state != d.h.Config.State:
		d.fails("trust.list", "ask the state's authority for a list that names this ledger", "list %d does not name %s as a ledger of %s", t.list.Version, d.h.Config.Origin, d.h.Config.State)
	case left < 0:
		d.warns("trust.list", "get the next list", "list %d ended its time on %s; it says nothing about later signatures", t.list.Version, t.list.NextUpdate.Format(time.DateOnly))
	case left < listWarns:
		d.warns("trust.list", "get the next list soon", "list %d ends its time on %s", t.list.Version, t.list.NextUpdate.Format(time.DateOnly))
	default:
		d.holds("trust.list", "list %d, sha256 %s…, good until %s", t.list.Version, t.list.Digest().Hex()[:12], t.list.NextUpdate.Format(time.DateOnly))
	}
}

// store: it opens, and what is put there is kept.
func (d *doctor) store() {
	s, err := store.Open(d.h.path("store"), store.Options{ReadOnly: true})
	if err != nil {
		d.fails("store", "custody restore from a backup", "the store cannot be opened: %v", err)
		return
	}
	defer s.Close()
	probe, err := os.CreateTemp(d.h.path("store"), ".tmp-probe-*")
	if err == nil {
		_, err = probe.WriteString("probe")
		err = errors.Join(err, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		d.fails("store", "free the folder for writing", "nothing can be written to the store: %v", err)
		return
	}
	d.holds("store", "it opens and can be written")
}

func (d *doctor) disk() {
	free, err := freeSpace(d.h.Dir)
	switch {
	case err != nil:
		d.warns("disk", "look at the disk yourself", "the system does not say how much space is left: %v", err)
	case free < diskFails:
		d.fails("disk", "free some space before the next act", "%d MiB are left", free>>20)
	case free < diskWarns:
		d.warns("disk", "free some space", "%d MiB are left", free>>20)
	default:
		d.holds("disk", "%d GiB are free", free>>30)
	}
}

// clock: no checkpoint that others cosigned may lie in this machine's future.
func (d *doctor) clock() {
	now := d.h.Now()
	t, err := readTrusted(d.h.path("trust"))
	b, readErr := os.ReadFile(d.h.path("notes", "latest.note"))
	if err != nil || t == nil || readErr != nil {
		d.warns("clock", "compare it with another clock", "%s; no cosigned checkpoint is there to compare it with", now.Format(time.RFC3339))
		return
	}
	cp, err := ledger.ReadCheckpoint(b)
	if err != nil {
		d.fails("clock", "custody restore from a backup", "notes/latest.note is damaged: %v", err)
		return
	}
	seen := t.receivedAt(b, cp.Origin)
	if now.Add(clockSlack).Before(seen) {
		d.fails("clock", "set the clock before the next act: what is signed now would contradict the ledger", "it says %s, and other states cosigned a checkpoint at %s", now.Format(time.RFC3339), seen.Format(time.RFC3339))
		return
	}
	d.holds("clock", "%s; other states cosigned nothing later", now.Format(time.RFC3339))
}

// ledger: its folder is there, and every cosigner that is named can be found.
func (d *doctor) ledger() {
	if _, err := os.Stat(d.h.path("ledger", "log", "checkpoint")); errors.Is(err, fs.ErrNotExist) {
		d.warns("ledger", "custody init on a system that has the embedded ledger", "the desk has no ledger of its own that can be read here")
	}
	if len(d.h.Config.Cosigners) == 0 {
		d.warns("cosigners", "agree with another state's authority on cosigning", "no other state cosigns this ledger: its word stands alone")
		return
	}
	for _, dir := range d.h.Config.Cosigners {
		dir = d.h.resolve(dir)
		if client.IsAddress(dir) {
			d.node(dir)
			continue
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			d.fails("cosigners", "reach the other state's cosigner again; until then acts get no receipt", "the cosigner in %s is not there", dir)
			continue
		}
		d.holds("cosigners", "the cosigner in %s is there", dir)
	}
}

func (d *doctor) queue() {
	queued, refused := d.h.Waiting()
	switch {
	case refused > 0:
		d.warns("queue", "custody correct ITEM attaches and shows what was refused", "%d acts were refused by the ledger", refused)
	case queued > 0:
		d.warns("queue", "any command that opens the desk finishes them", "%d acts are signed and not logged yet", queued)
	default:
		d.holds("queue", "nothing is left over")
	}
}

func (d *doctor) backup() {
	s, err := d.h.State()
	switch {
	case err != nil:
		d.warns("backup", "custody backup FILE", "when the last backup was made cannot be read: %v", err)
	case s.LastBackup == nil:
		d.warns("backup", "custody backup FILE", "this desk was never backed up")
	case d.h.Now().Sub(*s.LastBackup) > backupAge:
		d.warns("backup", "custody backup FILE", "the last backup was made on %s", s.LastBackup.Format(time.DateOnly))
	default:
		d.holds("backup", "made on %s", s.LastBackup.Format(time.DateOnly))
	}
}
