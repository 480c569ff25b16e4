package verify

import (
	"bytes"
	"errors"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

const containerSubject = "package"

// container judges the package itself: manifest, packer's statement, registers,
// lists, copies.
func (s *session) container(p *pack.Package, r *reading) []*Finding {
	list := []*Finding{s.manifest(p), s.itemsOf(p)}
	list = append(list, s.packer(p)...)
	list = append(list, s.registers(p), s.lists())
	for _, name := range sortedKeys(r.entries) {
		list = append(list, conclude(checkDigest, name, r.entries[name]))
	}
	return list
}

// manifest checks that the packer signed this manifest, whose digests every file
// was compared with.
func (s *session) manifest(p *pack.Package) *Finding {
	r := holds("the packer signed the manifest that lists every file")
	if p.Statement.Manifest != p.Manifest {
		r = fails(Proof{"signed": p.Statement.Manifest.String(), "found": p.Manifest.String()}, "the packer signed another manifest")
	}
	return conclude(checkManifest, pack.ManifestName, r)
}

func (s *session) itemsOf(p *pack.Package) *Finding {
	var ids []evidence.ItemID
	for _, i := range p.Dossier.Items {
		ids = append(ids, i.Item)
	}
	r := holds("the packer signed for %s", count(len(ids), "item", "items"))
	if !slices.Equal(ids, p.Statement.Items) {
		r = fails(Proof{"signed": joined(p.Statement.Items), "found": joined(ids)}, "the packer signed for other items")
	}
	return conclude(checkItems, pack.ItemsName, r)
}

// packer verifies the statement's signatures. A package is in no ledger; so its
// signer's key must be unbroken as far as the package can show (rule P8).
func (s *session) packer(p *pack.Package) []*Finding {
	if err := p.Envelope.CheckSigners(keyIDs(p.Statement.Signers)...); err != nil {
		return []*Finding{conclude(checkPacker, pack.SignatureName, fails(Proof{"statement": string(p.Envelope.Payload)}, "the signatures are not those of the signers named: %v", err))}
	}
	var list []*Finding
	for i, who := range p.Statement.Signers {
		k := s.keys[who.Enrolled]
		enrolled := s.enrolled(pack.SignatureName, who, k)
		signed := conclude(checkPacker, pack.SignatureName, verifySignature(p.Envelope, i, who, k.key(who)))
		r := s.packing(k)
		period := conclude(checkPeriod, pack.SignatureName, r, enrolled)
		if k != nil {
			period = want(k.lacks(nil), period, r)
		}
		list = append(list, signed, enrolled, period)
	}
	return list
}

func (s *session) packing(k *keyCase) result {
	switch {
	case k == nil:
		return undecided("the enrolment of the packer's key is not in the package")
	case k.proven.Closed != nil:
		return undecided("the packer's key was revoked, and nothing shows that the package was made before")
	case len(k.proven.Unbroken) == 0:
		return undecided("nothing shows that the packer's key was not revoked")
	}
	switch t := k.proven.Unbroken[0].Time; {
	case t.IsZero():
		return undecided("nothing tells up to when the packer's key was not revoked")
	case s.packed.Sub(t) > s.list.MaxAge:
		return undecided("the packer's key was not revoked up to %s, and the package was made at %s, as the packer says: the trust list allows %s between", stamp(t), stamp(s.packed), s.list.MaxAge)
	}
	return holds("the packer's key was not revoked up to %s", stamp(k.proven.Unbroken[0].Time))
}

// registers recomputes the tables that the dossier determines.
func (s *session) registers(p *pack.Package) *Finding {
	for _, table := range []struct {
		name      string
		got, want []byte
	}{{pack.InventoryName, p.Inventory, p.Dossier.Inventory()}, {pack.WithheldName, p.Withheld, p.Dossier.Withheld()}} {
		if !bytes.Equal(table.got, table.want) {
			return conclude(checkRegisters, table.name, fails(Proof{"follows_from_events": string(table.want)}, "the table is not the one that follows from the events"))
		}
	}
	return conclude(checkRegisters, pack.InventoryName, holds("inventory and register of what is held back follow from the events"))
}

// lists compares the trust lists in the package with the one in use. They are
// data: a newer one would count only if a ledger proved it (rules P10, P12).
func (s *session) lists() *Finding {
	if s.list == nil {
		return conclude(checkList, containerSubject, undecided("there is no trust list of the reader's own"))
	}
	version := uint64(s.list.Version)
	mine := evidence.Hash(s.list.Digest())
	if other, ok := s.d.Lists[version]; ok {
		l, err := trust.Open(other, nil)
		switch {
		case err != nil:
			return conclude(checkList, pack.ListName(version), undecided("the list in the package of the version in use is none: %v", err))
		case trust.Conflict(l, s.list):
			return conclude(checkList, pack.ListName(version), undecided("the package has another trust list of version %d, %s; in use is %s: neither decides", version, pack.NoteDigest(other), mine))
		}
	}
	for _, v := range sortedKeys(s.d.Lists) {
		if v > version {
			return conclude(checkList, pack.ListName(v), notApplicable("the package has a newer list; no ledger here proves it, so it is not used"))
		}
	}
	return conclude(checkList, containerSubject, holds("version %d, %s, is in use", version, mine))
}

// refusal turns what [pack.Open] refused into a finding: a digest that differs
// is proven, the rest could not be decided (spec/container.md, "Reading").
func refusal(err error) *Finding {
	subject, check := containerSubject, checkDossier
	var x *asic.Error
	var f *pack.FileError
	if errors.As(err, &x) {
		check = x.Kind.Error()
		if x.Entry != "" {
			subject = x.Entry
		}
		if errors.Is(err, asic.ErrDigest) {
			return conclude(check, subject, fails(Proof{"container": x.Error()}, "its content is not what the manifest states: %s", x.Detail))
		}
	} else if errors.As(err, &f) {
		subject = f.Name
		if errors.Is(err, pack.ErrLimit) {
			check = checkLimit
		}
	}
	return conclude(check, subject, undecided("%v", err))
}
