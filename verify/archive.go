package verify

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// archiveCase is one archive timestamp of a package (spec/time.md, "Archive
// timestamp"): over everything that stood before it.
type archiveCase struct {
	*tokenCase
	name string
	ends time.Time // of the certificate of its authority; zero when it cannot be read
}

// archives judges the archive timestamps, each against what it is over: a token that
// is over another that counts cannot be older.
func archives(p *pack.Package, refused []error, stamped *tokenCase, list *trust.List) (all []*archiveCase) {
	before, newest := &archiveCase{tokenCase: stamped, name: pack.TimestampName}, time.Time{}
	if stamped != nil {
		before.ends = certificateEnd(p.Timestamp)
	}
	for k, a := range p.Archives() {
		if before.counts() && before.time.After(newest) {
			newest = before.time
		}
		x := archive(a, refused[k], list)
		x.follow(before, newest, evidence.Instant(p.Statement.Packed))
		all = append(all, x)
		before = x
	}
	return all
}

// NewestStamp returns the newest time of a timestamp over the package, or of an
// archive timestamp, that the list lets count; zero for none. Whatever is over it
// cannot be older.
func NewestStamp(p *pack.Package, list *trust.List) (newest time.Time) {
	stamped := packingTime(p, list)
	if stamped.counts() {
		newest = stamped.time
	}
	for _, x := range archives(p, make([]error, len(p.Archives())), stamped, list) {
		if x.counts() && x.time.After(newest) {
			newest = x.time
		}
	}
	return newest
}

// archive judges one by itself.
func archive(a pack.Archive, refused error, list *trust.List) *archiveCase {
	x := &archiveCase{name: a.Name, ends: certificateEnd(a.TokenBytes)}
	digest := sha512.Sum512(a.Bytes)
	t, err := cms.ParseToken(a.TokenBytes)
	switch bad := damage(refused); {
	case err == nil && !t.CoversLong(digest[:]):
		proof := Proof{"manifest": fmt.Sprintf("%x", digest), "token": base64.StdEncoding.EncodeToString(a.TokenBytes)}
		x.tokenCase = &tokenCase{finding: conclude(checkArchive, a.Name, fails(proof, "its timestamp token is over other bytes than it"))}
	case bad != nil && bad.Kind == asic.ErrDigest:
		x.tokenCase = &tokenCase{finding: conclude(checkArchive, a.Name, fails(Proof{"entry": bad.Entry}, "%s is not what it was when the archive timestamp was given", bad.Entry))}
	case bad != nil:
		x.tokenCase = &tokenCase{finding: conclude(checkArchive, a.Name, unreadable(bad))}
	default:
		x.tokenCase = judgeToken(checkArchive, a.Name, a.TokenBytes, list)
	}
	return x
}

// follow holds an archive timestamp against the newest counted time of anything it is
// over, or without one against the packer's word, which is no proof; and says how it
// stands to the timestamp just before it.
func (x *archiveCase) follow(before *archiveCase, newest, packed time.Time) {
	switch {
	case !x.counts():
		return
	case x.latest.Before(newest):
		x.finding = conclude(checkArchive, x.name, fails(Proof{"earlier": stamp(newest), "token": stamp(x.latest)},
			"it is over something that came later: a timestamp before it was given at %s", stamp(newest)))
		return
	case newest.IsZero() && x.latest.Before(packed):
		x.finding = conclude(checkArchive, x.name, undecided("a timestamp authority says %s, and the packer says that the package was made later, at %s: one of the two clocks is wrong", stamp(x.latest), stamp(packed)))
		return
	}
	x.finding = conclude(checkArchive, x.name, x.stands(x.finding.Detail, before))
}

// stands says how a timestamp that counts, and says this, stands to the one before it.
func (x *archiveCase) stands(says string, before *archiveCase) result {
	switch {
	case before.tokenCase == nil:
		return holds("%s: by then all that stands before it was there, as SHA-512 shows; there is no timestamp before it", says)
	case !before.counts():
		return holds("%s: by then all that stands before it was there, as SHA-512 shows; the timestamp before it is not counted", says)
	case x.time.After(before.ends):
		return holds("%s: by then all that stands before it was there, as SHA-512 shows; the certificate of the timestamp before it had ended on %s", says, stamp(before.ends))
	}
	return holds("%s: by then all that stands before it was there, as SHA-512 shows; the certificate of the timestamp before it was still valid", says)
}

// certificateEnd returns until when the certificate of a token's authority is valid;
// zero for what is no token.
func certificateEnd(token []byte) time.Time {
	t, err := cms.ParseToken(token)
	if err != nil {
		return time.Time{}
	}
	return t.Certificate().NotAfter.UTC()
}
