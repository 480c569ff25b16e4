package report

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// log writes the steps of one ledger: every event's leaf, the epoch and the map
// of closed seals, all under the shared checkpoint.
func (s *script) log(l *pack.LogLine) {
	s.title("Ledger %s under its shared checkpoint", l.Origin)
	cp, ok := s.checkpoint(l.Note)
	if !ok {
		return
	}
	leaves := s.leavesOf(l.Origin)
	for _, x := range l.Inclusion {
		if leaf, ok := leaves[x.Index]; ok {
			s.inclusion(fmt.Sprintf("leaf %d", x.Index), leaf, x.Index, x.Proof, cp)
		}
	}
	raw := ledger.Leaf(l.Epoch.Leaf)
	epoch, ok := raw.Epoch()
	if !ok {
		s.say("the leaf given as epoch is none")
		return
	}
	s.say("epoch: 0x02 ‖ events covered (%d) ‖ map root ‖ index of the epoch before ‖ zeros", epoch.Covered)
	s.step("sha256", "epoch: leaf hash", "SHA-256(0x00 ‖ leaf)", raw.Hash().String(), "00", fmt.Sprintf("%x", raw[:]))
	s.inclusion("epoch", raw.Hash(), l.Epoch.Index, l.Epoch.Proof, cp)
	for _, c := range l.Closed {
		s.mapProof(c, epoch.Root)
	}
}

// leavesOf returns the leaf hashes, computed again, of the events of a ledger by
// index. An erased event's line does not say its ledger: its leaf is tried
// where no other stands.
func (s *script) leavesOf(o evidence.Origin) map[uint64]evidence.Hash {
	leaves := map[uint64]evidence.Hash{}
	for i := range s.d.Events {
		e := &s.d.Events[i]
		if event := shownEvent(e); event != nil && event.Origin == o {
			leaves[e.Index] = ledger.EventLeaf(e.SealKey, e.Salt, e.Envelope).Hash()
		}
	}
	for i := range s.d.Events {
		e := &s.d.Events[i]
		if _, taken := leaves[e.Index]; e.Erased != nil && !taken && s.closedIn(o, e.Erased.Leaf) {
			leaves[e.Index] = e.Erased.Leaf.Hash()
		}
	}
	return leaves
}

// closedIn reports whether the map proofs of a ledger name a leaf.
func (s *script) closedIn(o evidence.Origin, leaf ledger.Leaf) bool {
	l := s.d.Log(o)
	if l == nil {
		return false
	}
	return slices.ContainsFunc(l.Closed, func(c pack.ClosedLine) bool {
		return c.Proof.Reached != nil && c.Proof.Reached.Leaf == leaf.Hash()
	})
}

// checkpoint returns the checkpoint in the note with that digest.
func (s *script) checkpoint(digest evidence.Hash) (ledger.Checkpoint, bool) {
	for _, n := range s.d.Notes {
		if pack.NoteDigest(n) == digest {
			cp, err := ledger.ReadCheckpoint(n)
			if err == nil {
				s.say("checkpoint %s: size %d, root %s", digest, cp.Size, cp.Root)
			}
			return cp, err == nil
		}
	}
	s.say("the checkpoint %s is not in the package", digest)
	return ledger.Checkpoint{}, false
}

// note writes the digest of a cosigned checkpoint, the root in its text, and the
// signatures of those whom the trust list names.
func (s *script) note(signed []byte) {
	cp, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return
	}
	digest := pack.NoteDigest(signed)
	name := "checkpoint " + digest.String()[:12]
	s.title("%s of %s, size %d", name, cp.Origin, cp.Size)
	s.step("sha256", name+": digest, as events and lines name it", "SHA-256(whole note)", digest.String(), part64(signed))
	text := cp.Marshal()
	root, _, _ := strings.Cut(strings.SplitN(string(text), "\n", 3)[2], "\n")
	s.line("is", quote(name+": the root in its third line"), cp.Root.String(), `"$(bytes`, "base64:"+root, `| od -An -v -tx1 | tr -d ' \n')"`)
	_, lines, _ := strings.Cut(string(signed), "\n\n")
	for line := range strings.Lines(lines) {
		s.signatureLine(name, text, line)
	}
}

// signatureLine writes one signature of a note: the ledger's over the text, a
// cosigner's over the time and the text (C2SP tlog-cosignature).
func (s *script) signatureLine(name string, text []byte, line string) {
	who, b64, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "— "), "\n"), " ")
	raw, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(raw) < 4+64 {
		return
	}
	key, ok := s.listed(who, binary.BigEndian.Uint32(raw))
	switch {
	case !ok:
		s.say("signature of %s: no key of that name in the trust list", who)
	case key.Alg() == trust.AlgEd25519:
		s.line("ed25519", quote(name+": signature of the ledger"), fmt.Sprintf("%x", key.Material()), base(text), base(raw[4:]))
	case key.Alg() == trust.AlgCosignature && len(raw) == 4+8+64:
		seconds := binary.BigEndian.Uint64(raw[4:])
		message := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, text)
		s.say(`cosignature of %s, made at %d seconds since 1970, over "cosignature/v1", "time %d" and the text`, who, seconds, seconds)
		s.line("ed25519", quote(fmt.Sprintf("%s: cosignature of key %08x", name, key.Hash())), fmt.Sprintf("%x", key.Material()), base(message), base(raw[12:]))
	default:
		s.say("cosignature of %s: openssl before 3.5 cannot check ML-DSA", who)
	}
}

// listed returns the key of the trust list with that name and id.
func (s *script) listed(name string, hash uint32) (trust.VKey, bool) {
	if s.t.List == nil {
		return trust.VKey{}, false
	}
	var keys []trust.VKey
	for _, l := range s.t.List.Logs {
		keys = append(keys, l.Key)
	}
	for _, c := range slices.Concat(s.t.List.Witnesses, s.t.List.Auditors) {
		keys = append(keys, c.Key)
	}
	i := slices.IndexFunc(keys, func(k trust.VKey) bool { return k.Name() == name && k.Hash() == hash })
	if i < 0 {
		return trust.VKey{}, false
	}
	return keys[i], true
}

// trustList writes the digest of the reader's own list.
func (s *script) trustList() {
	s.title("The trust list")
	if s.t.List == nil {
		s.say("nobody gave one; a list in the package proves nothing about itself")
		return
	}
	note := s.t.List.Note()
	s.step("sha256", fmt.Sprintf("trust list, version %d", s.t.List.Version), "SHA-256(whole note)", sha256Of(note).String(), part64(note))
	s.say("its text names the keys above, and by digest the policies and certificates")
}

// copies writes the evidence copies with the digests that were sealed.
func (s *script) copies() {
	s.title("Evidence copies, as files of the unzipped package")
	for i := range s.d.Items {
		l := &s.d.Items[i]
		values := s.fileValues(l.Item)
		for _, p := range l.Payload {
			v, ok := values[p.File]
			if !ok || v.Digests == nil {
				s.say("%s: what was sealed of it is not shown", p.File)
				continue
			}
			sum := ""
			if v.Digests.SHA256 != (evidence.Hash{}) {
				sum = v.Digests.SHA256.String()
			}
			s.line("copy", quote(fmt.Sprintf("%s of %s", p.File, l.Item.Short())), quote(p.Entry), quote(p.Member),
				fmt.Sprint(v.Digests.Size), v.Digests.Tree.String(), quote(sum))
		}
	}
}

// fileValues returns what the first record of an item shows of its files.
func (s *script) fileValues(item evidence.ItemID) map[string]evidence.FileValue {
	values := map[string]evidence.FileValue{}
	for i := range s.d.Events {
		e := &s.d.Events[i]
		if id, seq, err := e.Place(); err != nil || id != item || seq != 0 || e.Record == nil {
			continue
		}
		for _, x := range e.Record.Entries {
			if v, err := evidence.ParseFileValue(x.Value); x.Form == evidence.Shown && err == nil {
				values[x.Name] = v
			}
		}
	}
	return values
}

// certificates returns those of the dossier in order, then the reader's own.
func certificates(d *pack.Dossier, own [][]byte) [][]byte {
	var list [][]byte
	digests := slices.SortedFunc(maps.Keys(d.Certs), func(a, b evidence.Hash) int { return slices.Compare(a[:], b[:]) })
	for _, h := range digests {
		list = append(list, d.Certs[h])
	}
	for _, der := range own {
		if _, ok := d.Certs[sha256Of(der)]; !ok {
			list = append(list, der)
		}
	}
	return list
}
