package verify

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
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
	for _, name := range sortedKeys(r.bags) {
		list = append(list, conclude(checkBag, name, r.bags[name]))
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
		format := "the packer's key was not revoked up to %s, and the package was made at %s, as the packer says: the trust list allows %s between"
		if s.stamped {
			format = "the packer's key was not revoked up to %s, and the package was made at %s, as a timestamp token says: the trust list allows %s between"
		}
		return undecided(format, stamp(t), stamp(s.packed), s.list.MaxAge)
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
	if wrong := s.graph(p); wrong != nil {
		return wrong
	}
	if wrong := sameAsTables(p); wrong != nil {
		return wrong
	}
	return conclude(checkRegisters, pack.InventoryName, holds("inventory and register of what is held back follow from the events"))
}

// sameAsTables returns what is wrong with the registers as JSON, which say what the
// tables say; nil for nothing, or for none.
func sameAsTables(p *pack.Package) *Finding {
	for _, register := range []struct {
		name  string
		again func() []byte
	}{{pack.InventoryJSONName, p.Dossier.InventoryJSON}, {pack.WithheldJSONName, p.Dossier.WithheldJSON}} {
		enclosed, there := p.Entry(register.name)
		if !there {
			continue
		}
		if want := pack.NoteDigest(register.again()); want != enclosed.Digest {
			return conclude(checkRegisters, register.name, fails(Proof{"register": enclosed.Digest.String(), "follows_from_events": want.String()}, "the table is not the one that follows from the events"))
		}
	}
	return nil
}

// graph makes the graph of the investigation again, of which only the digest is kept,
// and returns what is wrong with the one enclosed; nil for nothing, or for none.
func (s *session) graph(p *pack.Package) *Finding {
	enclosed, there := p.Entry(pack.GraphName)
	if !there {
		return nil
	}
	h := sha256.New()
	if err := caseuco.Write(h, p.Dossier); err != nil {
		return conclude(checkRegisters, pack.GraphName, undecided("the graph could not be computed from the events: %v", err))
	}
	if want := evidence.Hash(h.Sum(nil)); want != enclosed.Digest {
		return conclude(checkRegisters, pack.GraphName, fails(Proof{"graph": enclosed.Digest.String(), "follows_from_events": want.String()}, "the graph is not the one that follows from the events"))
	}
	return nil
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
