package desk

import (
	"errors"
	"os"
	"runtime"
	"time"

	"example.org/custody/cmd/internal/desk/check"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tesseralog"
)

// Ages and sizes from which [Home.Doctor] warns.
const (
	backupAge  = 7 * 24 * time.Hour
	diskFails  = 100 << 20
	diskWarns  = 1 << 30
	listWarns  = 30 * 24 * time.Hour
	clockSlack = time.Minute
)

// Doctor looks at everything that can be looked at without a key: the home's
// files, keys by their cards, trust list, store, disk, clock, queue, the state's node,
// cosigners, and the age of the last backup. It changes nothing but a probe in the store
// that it takes away again.
func (h *Home) Doctor() check.List {
	d := &doctor{h: h}
	for _, look := range []func(){
		d.format, d.acts, d.keys, d.recovery, d.trust, d.store, d.vault, d.disk, d.clock, d.ledger, d.stateNode, d.cosigning, d.queue, d.backup,
	} {
		look()
	}
	return d.List
}

// NoteCheck remembers when the home was last looked at.
func (h *Home) NoteCheck() error {
	now := h.Now().Truncate(time.Second)
	return h.updateState(func(s *State) { s.LastCheck = &now })
}

// doctor gathers checks.
type doctor struct {
	check.List
	h *Home
}

// format: that the home opened proves its version and folders.
func (d *doctor) format() {
	d.Holds("home.format", "%s, of %s, made %s", d.h.Config.Format, d.h.Config.State, d.h.Config.Created.Format(time.DateOnly))
}

// acts: whoever opens the home can take it.
func (d *doctor) acts() {
	switch why := d.h.stuck; {
	case errors.Is(why, ErrHomeInUse):
		d.Warns("home.acts", "look again when it is done; what stands here may change meanwhile", "another process works on the desk")
	case errors.Is(why, ErrRestored):
		d.Fails("home.acts", doReach, "%v", why)
	case errors.Is(why, ledger.ErrFatal), errors.Is(why, ledger.ErrBehind):
		d.Fails("home.acts", doOtherCopy, "%v", why)
	case why != nil:
		d.Fails("home.acts", "put that right; until then the desk can be looked at and nothing else", "the desk cannot act: %v", why)
	}
}

// keys: each officer has a key file that is private and a card that fits.
func (d *doctor) keys() {
	aliases, err := d.h.Officers()
	if err != nil || len(aliases) == 0 {
		d.Fails("keys", "custody restore from a backup", "the desk has no officer's key")
		return
	}
	for _, alias := range aliases {
		card, err := d.h.CardOf(alias)
		info, statErr := os.Stat(d.h.path("keys", alias+".key"))
		switch {
		case err != nil || statErr != nil:
			d.Fails("keys."+alias, "custody restore from a backup", "the key or card of %s cannot be read", alias)
		case card.Enrolment == nil && d.h.Joined() && d.h.queues():
			d.Warns("keys."+alias, "the state's first desk: custody trust propose --authority, with "+d.h.AuthorityFile(), "the enrolment of %s waits until the state's list names this desk's authority", alias)
		case card.Enrolment == nil:
			d.Fails("keys."+alias, "custody key add again", "the key of %s is not enrolled", alias)
		case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
			d.Fails("keys."+alias, "chmod 600 the key file, and change the passphrase", "the key file of %s can be read by others on this machine", alias)
		default:
			d.Holds("keys."+alias, "%s, role %s, enrolled", alias, card.Role)
		}
	}
}

func (d *doctor) recovery() {
	if d.h.Config.Recovery == "" {
		d.Warns("recovery", "keep the passphrases of two officers in two places", "there is no recovery identity: whoever loses every passphrase loses the evidence")
		return
	}
	d.Holds("recovery", "all is encrypted to the recovery identity, too")
}

// trust: a list is pinned, names this desk's ledger, and speaks for some time yet.
func (d *doctor) trust() {
	t, err := trustlist.Read(d.h.path("trust"))
	switch {
	case err != nil:
		d.Fails("trust.list", "ask the state's authority for the list again", "the pinned list cannot be used: %v", err)
		return
	case t == nil:
		d.Warns("trust.list", "pin the list that the states agreed on", "no trust list is pinned, so nothing can be packed and no verdict be given here")
		return
	}
	left := t.List.NextUpdate.Sub(d.h.Now())
	switch state, ok := t.List.StateOf(string(d.h.Config.Origin)); {
	case !ok || state != d.h.Config.State:
		d.Fails("trust.list", "ask the state's authority for a list that names this ledger", "list %d does not name %s as a ledger of %s", t.List.Version, d.h.Config.Origin, d.h.Config.State)
	case left < 0:
		d.Warns("trust.list", "get the next list", "list %d ended its time on %s; it says nothing about later signatures", t.List.Version, t.List.NextUpdate.Format(time.DateOnly))
	case left < listWarns:
		d.Warns("trust.list", "get the next list soon", "list %d ends its time on %s", t.List.Version, t.List.NextUpdate.Format(time.DateOnly))
	default:
		d.Holds("trust.list", "list %d, sha256 %s…, good until %s", t.List.Version, t.List.Digest().Hex()[:12], t.List.NextUpdate.Format(time.DateOnly))
	}
}

// store: it opens, and what is put there is kept.
func (d *doctor) store() {
	if s3.IsFolder(d.h.path("store")) {
		d.storeInBucket()
		return
	}
	s, err := store.Open(d.h.path("store"), store.Options{ReadOnly: true})
	if err != nil {
		d.Fails("store", doWhole(err), "the store cannot be opened: %v", err)
		return
	}
	defer s.Close()
	probe, err := os.CreateTemp(d.h.path("store"), ".tmp-probe-*")
	if err == nil {
		_, err = probe.WriteString("probe")
		err = errors.Join(err, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		d.Fails("store", "free the folder for writing", "nothing can be written to the store: %v", err)
		return
	}
	d.Holds("store", "it opens and can be written")
}

// vault: it is one of this version. What is in it takes a key to see.
func (d *doctor) vault() {
	if err := vault.CheckFormat(d.h.path("vault")); err != nil {
		d.Fails("vault", doWhole(err), "the vault cannot be opened: %v", err)
		return
	}
	d.Holds("vault", "it is whole from outside")
}

// doWhole says what to do about a part of the home that is damaged, or of another
// version.
func doWhole(err error) string {
	var store *store.FormatError
	var vault *vault.FormatError
	if errors.Is(err, tesseralog.ErrVersion) || errors.As(err, &store) || errors.As(err, &vault) {
		return "use the version of custody that made the desk, or a later one"
	}
	return "custody restore from a backup elsewhere and compare"
}

func (d *doctor) disk() {
	free, err := freeSpace(d.h.Dir)
	switch {
	case err != nil:
		d.Warns("disk", "look at the disk yourself", "the system does not say how much space is left: %v", err)
	case free < diskFails:
		d.Fails("disk", "free some space before the next act", "%d MiB are left", free>>20)
	case free < diskWarns:
		d.Warns("disk", "free some space", "%d MiB are left", free>>20)
	default:
		d.Holds("disk", "%d GiB are free", free>>30)
	}
}

// clock: no checkpoint that others cosigned may lie in this machine's future.
func (d *doctor) clock() {
	now := d.h.Now()
	t, err := trustlist.Read(d.h.path("trust"))
	b, readErr := os.ReadFile(d.h.path("notes", "latest.note"))
	if err != nil || t == nil || readErr != nil {
		d.Warns("clock", "compare it with another clock", "%s; no cosigned checkpoint is there to compare it with", now.Format(time.RFC3339))
		return
	}
	cp, err := ledger.ReadCheckpoint(b)
	if err != nil {
		d.Fails("clock", "custody restore from a backup", "notes/latest.note is damaged: %v", err)
		return
	}
	seen := t.ReceivedAt(b, cp.Origin)
	if now.Add(clockSlack).Before(seen) {
		d.Fails("clock", "set the clock before the next act: what is signed now would contradict the ledger", "it says %s, and other states cosigned a checkpoint at %s", now.Format(time.RFC3339), seen.Format(time.RFC3339))
		return
	}
	d.Holds("clock", "%s; other states cosigned nothing later", now.Format(time.RFC3339))
}

func (d *doctor) queue() {
	queued, refused := d.h.Waiting()
	if refused > 0 {
		d.Warns("queue", "custody correct ITEM attaches and shows what was refused", "acts that the ledger refused: %d", refused)
	}
	if queued > 0 {
		d.Warns("queue", "any command that opens the desk finishes them", "acts that are signed and wait for the ledger or their receipts: %d", queued)
	}
	if refused+queued == 0 {
		d.Holds("queue", "nothing is left over")
	}
}

func (d *doctor) backup() {
	s, err := d.h.State()
	switch {
	case err != nil:
		d.Warns("backup", "custody backup FILE", "when the last backup was made cannot be read: %v", err)
	case s.LastBackup == nil:
		d.Warns("backup", "custody backup FILE", "this desk was never backed up")
	case d.h.Now().Sub(*s.LastBackup) > backupAge:
		d.Warns("backup", "custody backup FILE", "the last backup was made on %s", s.LastBackup.Format(time.DateOnly))
	default:
		d.Holds("backup", "made on %s", s.LastBackup.Format(time.DateOnly))
	}
}
