package desk

import (
	"context"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// Under is the standard that something is sealed under, and what is checked
// before anything is signed.
type Under struct {
	Pack    *rules.Pack // nil: none
	Names   []string    // a dictionary of protected names
	Checked []string    // fields that a person confirmed to identify nobody

	files []evidence.FileValue // read so far; kept only when there is a pack
}

// begin checks what can be told before the files are read, so that a large
// image is not read in vain: the personal data guard and the pack's rules.
func (u *Under) begin(s *Session, in *Sealing, signers []*officer) error {
	guard := rules.Guard{Pack: u.Pack, Names: u.Names, Checked: u.Checked}
	if err := guard.Check(in.record()); err != nil {
		return err
	}
	return u.judge(s, in, signers, true)
}

// guard refuses with a [*rules.FieldError] an act that would show beside its
// record what identifies a person. A collection is guarded before its files are
// read, by [Under.begin]; what enrols or revokes a key has no such text in its
// envelope, and a key must be revoked whatever the reason says.
func (s *Session) guard(d *draft, e *evidence.Event) error {
	if d.item == nil || e.Action == evidence.Revoke {
		return nil
	}
	if err := d.limitsFit(); err != nil {
		return err
	}
	g := rules.Guard{Names: s.Names}
	return g.CheckAct(e, d.values)
}

// file keeps one file for the rules.
func (u *Under) file(v evidence.FileValue) {
	if u.Pack != nil {
		u.files = append(u.files, v)
	}
}

// judge refuses with a [*standard.Refusal] what the pack does not allow.
func (u *Under) judge(s *Session, in *Sealing, signers []*officer, pending bool) error {
	if u.Pack == nil {
		return nil
	}
	var by []evidence.Signer
	for _, o := range signers {
		by = append(by, o.as)
	}
	pending = pending && len(in.Paths)+len(in.Photos) > 0
	j, err := u.draft(in, by, s.Now(), pending)
	if err != nil {
		return err
	}
	return j.Refuses(rules.AtSeal, pending)
}

// draft judges what would be sealed.
func (u *Under) draft(in *Sealing, by []evidence.Signer, now time.Time, pending bool) (*standard.Judgement, error) {
	now = evidence.Instant(now)
	d := standard.Draft{Fields: in.record(), Files: u.files, Pending: pending, Now: now}
	d.Event = evidence.Event{
		Recorded: now, Occurred: evidence.Occurred{Clock: evidence.ClockSystem, From: now, To: now}, Signers: by,
	}
	if in.At != nil {
		d.Event.Occurred = *in.At
	}
	if in.Parent != nil {
		d.Event.Parent = &evidence.Parent{Kind: in.Parent.Kind}
		if in.Parent.Item != nil {
			d.Event.Parent.Item = in.Parent.Item.ID
		}
	}
	return standard.JudgeDraft(u.Pack, &d)
}

// CheckDraft judges what would be sealed, by whom, and writes nothing: the files
// are read, and no desk is needed. in.Under has the pack.
func CheckDraft(ctx context.Context, in Sealing, by evidence.Signer, now time.Time) (*standard.Judgement, error) {
	guard := rules.Guard{Pack: in.Under.Pack, Names: in.Under.Names, Checked: in.Under.Checked}
	if err := guard.Check(in.record()); err != nil {
		return nil, err
	}
	if paths := append(append([]string{}, in.Paths...), in.Photos...); len(paths) > 0 {
		if err := in.readFiles(ctx, paths); err != nil {
			return nil, err
		}
	}
	return in.Under.draft(&in, []evidence.Signer{by}, now, false)
}

// CheckAnswers refuses what the personal data guard or a rule of in.Under's pack
// will refuse whatever the files: it reads none, needs no desk, and takes whoever
// will sign for a collector.
func CheckAnswers(in Sealing, now time.Time) error {
	guard := rules.Guard{Pack: in.Under.Pack, Names: in.Under.Names, Checked: in.Under.Checked}
	if err := guard.Check(in.record()); err != nil {
		return err
	}
	j, err := in.Under.draft(&in, []evidence.Signer{{Role: evidence.RoleCollector}}, now, true)
	if err != nil {
		return err
	}
	return j.Refuses(rules.AtSeal, true)
}

func (in *Sealing) readFiles(ctx context.Context, paths []string) error {
	src, err := evidence.OpenSource(paths...)
	if err != nil {
		return err
	}
	defer src.Close()
	found, err := evidence.Walk(src)
	if err != nil {
		return err
	}
	which := evidence.WithSHA256
	if in.SHA512 {
		which |= evidence.WithSHA512
	}
	bytes, files := totals(found)
	in.Progress.Stage("reading", bytes, files)
	return digestOnly(ctx, src, found, which, in.Progress, func(v evidence.FileValue) error {
		in.Under.file(v)
		return nil
	})
}

// Use puts a sealing under a pack: its name into the event, its digest and what a
// person confirmed into the record. When a rule reads a second digest, it is taken.
func (u *Under) Use(in *Sealing, pack *rules.Pack) {
	u.Pack, in.Standard = pack, string(pack.Name())
	in.Fields[standard.Field] = standard.Stated{SHA256: pack.Digest(), Standard: pack.Name()}
	for _, r := range pack.AllRules() {
		if strings.Contains(r.Holds, "sha512") {
			in.SHA512 = true
		}
	}
}
