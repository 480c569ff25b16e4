package inspect

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/backup"
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
		i.fact("packed by", "%s", desk.SignerText(s))
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
	for _, r := range d.Readers {
		i.fact("encrypted to", "%s, as the packer says; entries: %d", r.Recipient, len(r.Entries))
	}
	i.fact("record entries held back", "%d", held)
	for _, l := range d.Logs {
		i.fact("ledger", "%s", l.Origin)
	}
	for version, note := range d.Lists {
		i.fact("trust list enclosed", "version %d, sha256 %s", version, hexSum(note))
	}
	for _, a := range p.Archives() {
		i.fact("archive timestamp", "%s, its token %d bytes", a.Name, len(a.TokenBytes))
	}
	i.Parts = Parts(p)
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
	case name == desk.OfferFile, name == desk.AnswerFile, name == desk.ReceiptFile, name == desk.HistoryFile:
		i.Kind, i.Title = "handoff", map[string]string{
			desk.OfferFile:   "handoff, first file: an offer, for the receiver",
			desk.AnswerFile:  "handoff, second file: the receiver's answer, for the giver",
			desk.ReceiptFile: "handoff, third file: the giver's receipt, for the receiver",
			desk.HistoryFile: "history of a request, for the other side's desk",
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
	r, err := backup.Check(io.NewSectionReader(f, 0, f.size))
	if errors.Is(err, backup.ErrDamaged) {
		i.fact("whole", "NO: %v", err)
		return true, nil
	}
	if err != nil {
		return true, err
	}
	i.fact("whole", "yes, every file is as its list says")
	i.fact("ledger", "%s", r.From)
	i.fact("made", "%s", r.Made.Format(time.RFC3339))
	i.fact("files", "%d", r.Files)
	i.fact("content", "%d bytes", r.Bytes)
	i.Note = "custody restore " + i.File + " --home NEW makes a desk of it."
	return true, nil
}
