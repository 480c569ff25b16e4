package inspect

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/verify/pack"
)

// Errors about one part of a package.
var (
	ErrNotPackage = errors.New("not a package, so it has no parts")
	ErrNoPart     = errors.New("the package has no part of that name")
)

// Part is one file of a package.
type Part struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256,omitempty"` // as the manifest lists it; absent of what the manifest cannot list
	Size   int64  `json:"size"`             // bytes
}

// Parts lists the files of a package: those of the manifest, then those of META-INF.
func Parts(p *pack.Package) (all []Part) {
	for _, e := range p.Entries() {
		all = append(all, Part{e.Name, e.Digest.String(), e.Size})
	}
	all = append(all, Part{Name: pack.ManifestName, Size: int64(len(p.ManifestBytes))})
	for _, name := range metaNames(p) {
		if b, err := p.File(name); err == nil {
			all = append(all, Part{Name: name, Size: int64(len(b))})
		}
	}
	return all
}

func metaNames(p *pack.Package) []string {
	names := []string{pack.StampedName, pack.SignatureName, pack.CAdESName, pack.TimestampName}
	for _, a := range p.Archives() {
		names = append(names, a.Name, a.Token)
	}
	return names
}

// Show writes one part of the package at file to w: readable, or with raw its exact
// bytes. The name is that of a file of the package, of a bag in it (readable: the list
// of its members) or of one of its members (payload/1.zip/1/bagit.txt; of a copy its
// number is enough, payload/1.zip/7), event/N, the Nth line of events.jsonl decoded, with the proof of its leaf computed, or receipt/N, the receipt
// of that event as a file of its own.
//
// A file is written only once its bytes have the digest that the manifest lists; a
// member of a bag, once the bag has. note says in words what that proves, and what it
// does not. It returns [ErrNotPackage] or [ErrNoPart], or the container's refusal.
func Show(w io.Writer, file, name string, raw bool) (note string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	p, err := pack.Open(f, info.Size())
	if pack.Refused(err) {
		return "", fmt.Errorf("%w: %w", ErrNotPackage, err)
	}
	if err != nil {
		return "", err
	}
	return show(w, p, name, raw)
}

func show(w io.Writer, p *pack.Package, name string, raw bool) (note string, err error) {
	if n, ok := strings.CutPrefix(name, "event/"); ok && !raw {
		return "Its leaf and the proof were computed from what the package has. Whether the signatures are right, whose the keys are and who vouches for the checkpoint, custody verify says.", showEvent(w, p, n)
	}
	if n, ok := strings.CutPrefix(name, "receipt/"); ok {
		return unverified, showReceipt(w, p, n)
	}
	if bag, member, ok := strings.Cut(name, ".zip/"); ok && strings.HasPrefix(name, "payload/") {
		return listed, showMember(w, p, bag+".zip", member)
	}
	if e, ok := p.Entry(name); ok {
		if err := p.CheckEntry(name); err != nil {
			return "", err
		}
		if isBag(p, name) && !raw {
			return listed, showMembers(w, p, name)
		}
		r, _, err := p.OpenEntry(name)
		if err != nil {
			return "", err
		}
		if raw || strings.HasPrefix(name, "payload/") || !readable(name) {
			_, err = io.CopyN(w, r, e.Size)
			return listed, err
		}
		b, err := p.File(name)
		if err != nil {
			return "", err
		}
		return listed, render(w, name, b)
	}
	if name == pack.ManifestName {
		_, err := w.Write(p.ManifestBytes)
		return "Every signature of the package is over these bytes; custody verify says whether one is right.", err
	}
	for _, meta := range metaNames(p) {
		if meta != name {
			continue
		}
		b, err := p.File(name)
		if err != nil {
			return "", err
		}
		if raw {
			_, err = w.Write(b)
			return unverified, err
		}
		return unverified, render(w, name, b)
	}
	return "", fmt.Errorf("%q: %w", name, ErrNoPart)
}

const (
	listed     = "Its bytes have the digest that the package's manifest lists. Who signed the manifest, and whether that counts, custody verify says."
	unverified = "Nothing of this is verified: that takes a trust list. custody verify says whether it is right."
)

// isBag reports whether the package says that an entry is a bag: a copy may well be a
// zip file itself.
func isBag(p *pack.Package, name string) bool {
	for _, line := range p.Dossier.Items {
		if slices.ContainsFunc(line.Payload, func(e pack.Enclosed) bool { return e.Entry == name && e.Member != "" }) {
			return true
		}
	}
	return false
}

// showMembers writes what is in a bag, as parts that can be shown themselves.
func showMembers(w io.Writer, p *pack.Package, bag string) error {
	b, err := p.Bag(bag)
	if err != nil {
		return err
	}
	for i := range b.Len() {
		m := b.Member(i)
		if _, err := fmt.Fprintf(w, "%12d  %s/%s\n", m.Size, bag, m.Name); err != nil {
			return err
		}
	}
	return nil
}

// showMember writes a member of a bag whose digest, as a whole, is the one listed.
func showMember(w io.Writer, p *pack.Package, bag, member string) error {
	if _, ok := p.Entry(bag); !ok {
		return fmt.Errorf("%q: %w", bag, ErrNoPart)
	}
	if err := p.CheckEntry(bag); err != nil {
		return err
	}
	b, err := p.Bag(bag)
	if err != nil {
		return err
	}
	r, err := b.Open(memberOf(p, bag, member))
	if err != nil {
		return fmt.Errorf("%s/%s: %w", bag, member, ErrNoPart)
	}
	_, err = io.Copy(w, r)
	return err
}

// memberOf returns the member that is meant: of a copy the number of the file is enough.
func memberOf(p *pack.Package, bag, member string) string {
	for _, line := range p.Dossier.Items {
		for _, e := range line.Payload {
			if e.Entry == bag && e.InBagIt() && e.File == "file/"+member {
				return e.Member
			}
		}
	}
	return member
}

// readable reports whether a part has a form for people that is not its bytes.
func readable(name string) bool {
	switch path.Ext(name) {
	case ".jsonl", ".jsonld", ".json", ".tst", ".der":
		return true
	}
	return false
}

// render writes a part for people.
func render(w io.Writer, name string, b []byte) error {
	switch path.Ext(name) {
	case ".jsonl":
		for line := range bytes.Lines(b) {
			if err := indent(w, line); err != nil {
				return err
			}
		}
		return nil
	case ".jsonld", ".json":
		return indent(w, b)
	case ".dsse":
		return showEnvelope(w, b)
	case ".tst":
		return showToken(w, b)
	case ".p7s":
		return showCAdES(w, b)
	case ".der":
		return showCertificate(w, b)
	}
	_, err := w.Write(b)
	return err
}

func indent(w io.Writer, b []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(b), "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := out.WriteTo(w)
	return err
}

// showEnvelope writes who signed an envelope, and its payload.
func showEnvelope(w io.Writer, b []byte) error {
	env, err := signing.Parse(b)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "payload type  %s\n", env.PayloadType)
	for _, s := range env.Signatures {
		fmt.Fprintf(w, "signed with   %s\n", s.KeyID)
	}
	return indent(w, env.Payload)
}

func showToken(w io.Writer, b []byte) error {
	t, err := cms.ParseToken(b)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "time      %s\naccuracy  %s\npolicy    %s\nserial    %s\nover      %s:%x\n", t.Time.Format(time.RFC3339Nano), t.Accuracy, t.Policy, t.Serial, t.Hash, t.Imprint)
	return err
}

func showCAdES(w io.Writer, b []byte) error {
	s, err := cms.ParseSignature(b)
	if err != nil {
		return err
	}
	level, at := "B", ""
	if s.Token != nil {
		level, at = "T or LT", "timestamp "+s.Token.Time.Format(time.RFC3339Nano)+"\n"
	}
	_, err = fmt.Fprintf(w, "CAdES     level %s, detached, over %s\nsigned    %s, by the signer's clock\n%s", level, pack.ManifestName, s.Signed.Format(time.RFC3339), at)
	return err
}

func showCertificate(w io.Writer, b []byte) error {
	cert, err := x509.ParseCertificate(b)
	if err != nil {
		return err
	}
	var i Inspection
	certificateFacts(&i, cert)
	for _, f := range i.Facts {
		fmt.Fprintf(w, "%-9s %s\n", f.Name, f.Value)
	}
	return nil
}

// number reads N of event/N, from 1 to most.
func number(text string, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= most
}
