package desk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

func inspectPackage(i *Inspection, f *inspected) (bool, error) {
	if !f.begins("PK\x03\x04") {
		return false, nil
	}
	i.Kind, i.Title = "package", "package for a court (ASiC-E)"
	p, err := pack.Open(f, f.size)
	if pack.Refused(err) {
		i.fact("whole", "NO: %v", err)
		i.Note = "It is a zip, and not a package as this tool writes them."
		return true, nil
	}
	if err != nil {
		return true, err
	}
	d := p.Dossier
	i.fact("packed", "%s", p.Statement.Packed.Format(time.RFC3339))
	for _, s := range p.Statement.Signers {
		i.fact("packed by", "%s", SignerText(s))
	}
	if p.Statement.To != "" {
		i.fact("to", "%s", p.Statement.To)
	}
	i.fact("manifest", "%s", p.Manifest)
	copies, events, held := 0, map[evidence.ItemID]int{}, 0
	for _, e := range d.Events {
		if id, _, err := e.Place(); err == nil {
			events[id]++
		}
		if e.Record != nil {
			held += e.Record.Withheld()
		}
	}
	for _, line := range d.Items {
		i.fact("item", "%s; events: %d, copies: %d", line.Item, events[line.Item], len(line.Payload))
		copies += len(line.Payload)
	}
	i.fact("evidence copies", "%d", copies)
	i.fact("record entries held back", "%d", held)
	for _, l := range d.Logs {
		i.fact("ledger", "%s", l.Origin)
	}
	for version, note := range d.Lists {
		i.fact("trust list enclosed", "version %d, sha256 %s", version, hexSum(note))
	}
	i.Note = "Nothing of this is verified. A list inside a package proves nothing about itself: custody verify --trust NOTE " + i.File
	return true, nil
}

const (
	ageHeader = "age-encryption.org/v1"
	agePEM    = "-----BEGIN AGE ENCRYPTED FILE-----"
)

// inspectAge says to how many an age file is encrypted, and by what means; to
// whom, age does not tell.
func inspectAge(i *Inspection, f *inspected) (bool, error) {
	if f.begins(agePEM) {
		i.Kind, i.Title = "encrypted", "age file in text form"
		return true, nil
	}
	if !f.begins(ageHeader + "\n") {
		return false, nil
	}
	stanzas, err := ageStanzas(f)
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "encrypted", "encrypted file (age)"
	name := filepath.Base(i.File)
	_, objectErr := evidence.ParseObjectName(name)
	switch {
	case len(stanzas) == 1 && stanzas[0] == "scrypt":
		i.Kind, i.Title = "key-file", "file under a passphrase; an officer's key, if it is this tool's"
	case name == OfferFile, name == AnswerFile, name == ReceiptFile:
		i.Kind, i.Title = "handoff", map[string]string{
			OfferFile:   "handoff, first file: an offer, for the receiver",
			AnswerFile:  "handoff, second file: the receiver's answer, for the giver",
			ReceiptFile: "handoff, third file: the giver's receipt, for the receiver",
		}[name]
		i.Note = "custody accept FILE takes the next step, at the desk that it is encrypted to. It travels as the evidence itself would."
	case objectErr == nil:
		i.Kind, i.Title = "object", "encrypted evidence in a store or on its way"
	}
	i.fact("opened by", "%s", strings.Join(stanzas, ", "))
	i.fact("recipients", "%d", len(stanzas))
	i.fact("encrypted bytes", "%d", f.size)
	return true, nil
}

// ageStanzas returns the types of the recipients in an age header
// (age-encryption.org/v1, "Header").
func ageStanzas(f *inspected) ([]string, error) {
	r := bufio.NewReader(io.LimitReader(io.NewSectionReader(f, 0, f.size), 1<<20))
	var types []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, errors.New("the header of the age file is cut short")
		}
		if rest, ok := strings.CutPrefix(line, "-> "); ok {
			kind, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			types = append(types, kind)
		}
		if strings.HasPrefix(line, "--- ") {
			return types, nil
		}
	}
}

// inspectBackup reads a whole backup and compares it with its own list.
func inspectBackup(i *Inspection, f *inspected) (bool, error) {
	if len(f.head) < 265 || !bytes.Equal(f.head[257:262], []byte("ustar")) {
		return false, nil
	}
	i.Kind, i.Title = "backup", "backup of a home"
	m, err := readBackup(io.NewSectionReader(f, 0, f.size), discardFile)
	if errors.Is(err, ErrBackup) {
		i.fact("whole", "NO: %v", err)
		return true, nil
	}
	if err != nil {
		return true, err
	}
	r := m.report()
	i.fact("whole", "yes, every file is as its list says")
	i.fact("ledger", "%s", r.From)
	i.fact("made", "%s", r.Made.Format(time.RFC3339))
	i.fact("files", "%d", r.Files)
	i.fact("content", "%d bytes", r.Bytes)
	i.Note = "custody restore " + i.File + " --home NEW makes a desk of it."
	return true, nil
}

// inspectFolder looks at a home, a handoff or a store.
func inspectFolder(i *Inspection) error {
	has := func(name string) bool {
		_, err := os.Lstat(filepath.Join(i.File, name))
		return !errors.Is(err, fs.ErrNotExist)
	}
	switch {
	case has("custody.json"):
		return inspectHome(i)
	case has(OfferFile), has(AnswerFile), has(ReceiptFile):
		i.Kind, i.Title = "handoff", "folder of a handoff"
		for _, name := range []string{OfferFile, AnswerFile, ReceiptFile} {
			i.fact(name, "%s", map[bool]string{true: "there", false: "not there"}[has(name)])
		}
		objects, _ := os.ReadDir(filepath.Join(i.File, ObjectsDir))
		i.fact("objects", "%d", len(objects))
		return nil
	}
	return ErrUnknownFile
}

// inspectHome describes a home from outside, without its lock and its keys.
func inspectHome(i *Inspection) error {
	c, err := readConfig(i.File)
	if err != nil {
		return err
	}
	h := &Home{Dir: i.File, Config: c, Now: clock}
	i.Kind, i.Title = "home", "home of a desk"
	i.fact("state", "%s", c.State)
	i.fact("ledger", "%s", c.Origin)
	i.fact("created", "%s", c.Created.Format(time.RFC3339))
	i.fact("authority certificate", "%s", c.Authority)
	i.fact("recovery", "%s", orNone(c.Recovery))
	officers, err := h.Officers()
	if err != nil {
		return err
	}
	i.fact("officers", "%s", orNone(shortList(officers)))
	t, err := PinnedTrust(i.File)
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
		return err
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
