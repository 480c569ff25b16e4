package report

import (
	"bufio"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/report/plain"
)

//go:embed explain.sh
var explainTools string

// Explain writes every hash step from the seals and records of a dossier to the
// roots that the ledgers signed, and every signature, so that it can be done
// again by hand: for people as formulas, and as a script for bash that does them
// with sha256sum and openssl and ends with 1 when one differs.
//
// The values are computed here and compared with what the dossier states, so a
// step that does not hold shows itself. Keys of ledgers, witnesses and auditors
// are those of the reader's own trust list; without one, signatures that need
// them are named and not checked. It returns the error of w alone.
func Explain(w io.Writer, d *pack.Dossier, t verify.Trust) error {
	s := &script{w: bufio.NewWriter(w), d: d, t: t}
	s.w.WriteString(explainTools)
	s.keys()
	for i := range d.Events {
		s.event(&d.Events[i])
	}
	for i := range d.Logs {
		s.log(&d.Logs[i])
	}
	for _, n := range d.Notes {
		s.note(n)
	}
	s.trustList()
	s.copies()
	s.line("")
	s.line(`echo "$steps steps, $wrong of them wrong; $missing evidence copies are not here"`)
	s.line(`[ "$wrong" = 0 ]`)
	return s.w.Flush()
}

// script writes formulas as comments and, below each, a line that computes it.
type script struct {
	w *bufio.Writer
	d *pack.Dossier
	t verify.Trust

	officers map[evidence.ItemID]publicKey // by the item of the enrolment
	issuers  map[evidence.KeyID]publicKey  // authorities' keys
	leaves   map[evidence.ItemID]evidence.Hash
}

func (s *script) line(words ...string) {
	s.w.WriteString(strings.Join(words, " "))
	s.w.WriteByte('\n')
}

// title begins a part of the script; say adds a remark. Both are comments: no
// text of them can become a command, because [plain.Text] leaves no line break.
func (s *script) title(format string, args ...any) {
	s.line("")
	s.line("#", strings.Repeat("-", 70))
	s.say(format, args...)
}

func (s *script) say(format string, args ...any) {
	s.line("#", plain.Text(fmt.Sprintf(format, args...)))
}

// step writes one digest: its formula as a comment, and the line that computes
// it. hash is sha256 or sha3.
func (s *script) step(hash, name, formula, want string, parts ...string) {
	if formula != "" {
		s.say("%s = %s", name, formula)
	}
	s.line(append([]string{hash, quote(name), want}, parts...)...)
}

// same writes a comparison of two values.
func (s *script) same(name, want, found string) {
	s.line("is", quote(name), quote(want), quote(found))
}

// quote makes one word of any text for the shell: nothing in single quotes has a
// meaning there.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func base(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func part64(b []byte) string { return "base64:" + base(b) }

// inclusion writes the steps from a leaf hash to the root of a tree, by RFC 9162
// §2.1.3.2, and compares it with the root signed.
func (s *script) inclusion(name string, leaf evidence.Hash, index uint64, path []evidence.Hash, cp ledger.Checkpoint) {
	s.say("%s: entry %d of %d, upwards with node = SHA-256(0x01 ‖ left ‖ right)", name, index, cp.Size)
	at, n, last := leaf, index, max(cp.Size, 1)-1
	for _, beside := range path {
		left, right := at, beside
		if n&1 == 1 || n == last {
			left, right = beside, at
			for n&1 == 0 && n != 0 {
				n, last = n>>1, last>>1
			}
		}
		at = sha256Of([]byte{1}, left[:], right[:])
		s.step("sha256", "node", "", at.String(), "01", left.String(), right.String())
		n, last = n>>1, last>>1
	}
	s.same(name+": the root reached is the one in the checkpoint", cp.Root.String(), at.String())
}

// mapProof writes the steps of a proof of the map of closed seals (spec/leaf.md).
func (s *script) mapProof(c pack.ClosedLine, root evidence.Hash) {
	name := "seal " + c.Seal.String()[:12]
	if c.Proof.Reached == nil {
		s.say("%s: the map is empty, so the seal is unbroken", name)
		s.step("sha256", name+": root of the empty map", `SHA-256("custody/closed/v1")`, root.String(), "text:custody/closed/v1")
		return
	}
	r := c.Proof.Reached
	at := sha256Of([]byte{0}, []byte(mapDomain), r.Seal[:], r.Leaf[:])
	s.step("sha256", name+": leaf of the map", `SHA-256(0x00 ‖ "custody/closed/v1" ‖ seal reached ‖ hash of the leaf that closed it)`,
		at.String(), "00", "text:"+mapDomain, r.Seal.String(), r.Leaf.String())
	s.say(`upwards with node = SHA-256(0x01 ‖ "custody/closed/v1" ‖ bit ‖ left ‖ right); left when that bit of the seal is 0`)
	for _, x := range slices.Backward(c.Proof.Path) {
		left, right := at, x.Other
		if bitOf(r.Seal, x.Bit) == 1 {
			left, right = x.Other, at
		}
		at = sha256Of([]byte{1}, []byte(mapDomain), []byte{x.Bit}, left[:], right[:])
		s.step("sha256", "node", "", at.String(), "01", "text:"+mapDomain, fmt.Sprintf("%02x", x.Bit), left.String(), right.String())
	}
	s.same(name+": the root reached is the map root of the epoch", root.String(), at.String())
	s.conclude(name, c)
}

// conclude says what a map proof shows: the search for the seal ends at itself,
// or at another one that agrees with it in every bit asked.
func (s *script) conclude(name string, c pack.ClosedLine) {
	r := c.Proof.Reached
	if r.Seal == c.Seal {
		s.say("%s is closed, by the leaf with the hash %s", name, r.Leaf)
		return
	}
	s.say("%s is unbroken: the search for it ends at another seal, %s", name, r.Seal)
	var asked, mine []string
	for _, x := range c.Proof.Path {
		asked = append(asked, strconv.Itoa(int(bitOf(r.Seal, x.Bit))))
		mine = append(mine, strconv.Itoa(int(bitOf(c.Seal, x.Bit))))
	}
	s.same(name+": both seals agree in the bits asked", strings.Join(asked, ""), strings.Join(mine, ""))
}

// mapDomain separates the map's hashes from all others (spec/leaf.md).
const mapDomain = "custody/closed/v1"

// bitOf counts from the most significant bit of byte 0.
func bitOf(s evidence.Seal, bit uint8) byte { return s[bit/8] >> (7 - bit%8) & 1 }
