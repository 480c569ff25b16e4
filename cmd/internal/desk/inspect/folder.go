package inspect

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/trustlist"
)

// inspectFolder looks at a home, a handoff or a store.
func inspectFolder(i *Inspection) error {
	has := func(name string) bool {
		_, err := os.Lstat(filepath.Join(i.File, name))
		return !errors.Is(err, fs.ErrNotExist)
	}
	switch {
	case has("custody.json"):
		return inspectHome(i)
	case has(desk.OfferFile), has(desk.AnswerFile), has(desk.ReceiptFile):
		i.Kind, i.Title = "handoff", "folder of a handoff"
		for _, name := range []string{desk.OfferFile, desk.AnswerFile, desk.ReceiptFile} {
			i.fact(name, "%s", map[bool]string{true: "there", false: "not there"}[has(name)])
		}
		objects, _ := os.ReadDir(filepath.Join(i.File, desk.ObjectsDir))
		i.fact("objects", "%d", len(objects))
		return nil
	}
	return ErrUnknown
}

// inspectHome describes a home from outside, without its lock and its keys.
func inspectHome(i *Inspection) error {
	h, err := desk.Outside(i.File)
	if err != nil {
		return err
	}
	c := h.Config
	i.Kind, i.Title = "home", "home of a desk"
	i.fact("state", "%s", c.State)
	i.fact("ledger", "%s", c.Origin)
	i.fact("created", "%s", c.Created.Format(time.RFC3339))
	i.fact("authority certificate", "%s", c.Authority)
	i.fact("recovery", "%s", cmp.Or(c.Recovery, "none"))
	officers, err := h.Officers()
	if err != nil {
		return err
	}
	i.fact("officers", "%s", cmp.Or(shortList(officers), "none"))
	t, err := trustlist.OfHome(i.File)
	switch {
	case err != nil:
		i.fact("trust list", "unusable: %v", err)
	case t.List == nil:
		i.fact("trust list", "none")
	default:
		i.fact("trust list", "version %d, sha256 %s", t.List.Version, t.List.Digest().Hex())
	}
	i.fact("cosigners", "%s", strconv.Itoa(len(c.Cosigners)))
	s, err := h.State()
	if err != nil {
		i.fact("state.json", "unreadable: %v", err)
	}
	i.fact("last backup", "%s", momentOr(s.LastBackup, "never"))
	i.fact("last look by doctor", "%s", momentOr(s.LastCheck, "never"))
	i.Note = "custody doctor --home " + i.File + " checks it."
	return nil
}

func momentOr(at *time.Time, never string) string {
	if at == nil {
		return never
	}
	return at.Format(time.RFC3339)
}
