package verify_test

import (
	"time"

	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// stampedBy is a package with a timestamp token over its manifest, given so much
// after the packer says it was made.
func stampedBy(tsa *verifytest.TSA, later time.Duration) *delivery {
	return stampedWith(tsa, later, false)
}

// stampedWith is [stampedBy], the timestamp perhaps with a manifest of its own.
func stampedWith(tsa *verifytest.TSA, later time.Duration, own bool) *delivery {
	listed := verifytest.NewTSA("AA")
	s := newStage(verifytest.Config{Edit: func(l *trust.List) { l.TSAs = []trust.TSA{listed.Listed("AA", time.Time{})} }})
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	b := s.w.Package(verifytest.Packing{
		By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles},
		Own: own, Stamp: func(manifest []byte) []byte { return tsa.Token(manifest, s.w.Now.Add(later)) },
	})
	return &delivery{s, verifytest.Files(b)}
}

// stampCases are about the packing time (P3).
func stampCases() []packageCase {
	var o outcome
	listed := verifytest.NewTSA("AA")
	return []packageCase{
		{"p03-stamped", holding, "A timestamp token is over the manifest: its time is the packing time.", func() packed {
			return stampedBy(listed, time.Minute).as().wants(o.holds(0, "package.timestamp", "a timestamp authority of AA says").
				shows(4, "holds", "freshness", "the trust list allows 24h").shows(0, "holds", "sender.verdict", ""))
		}},
		{"p03-stamped-late", breaking, "The packer claims a time just after the proof in the package; the timestamp says two days later.", func() packed {
			return stampedBy(listed, hours(48)).as().wants(o.undecided(4, "freshness", "the trust list allows 24h").shows(0, "holds", "sender.verdict", "").
				shows(0, "undecided", "key.period", "as a timestamp token says"))
		}},
		{"p03-stamp-unlisted", breaking, "The list does not name the authority that gave the token: the packing time is the packer's word.", func() packed {
			return stampedBy(verifytest.NewTSA("XX"), hours(48)).as().wants(o.shows(0, "not applicable", "package.timestamp", "not in the trust list").
				holds(4, "freshness", "the trust list allows 24h"))
		}},
		{"p03-stamp-of-another", breaking, "The token is over another package's manifest.", func() packed {
			d := stampedBy(listed, 0)
			d.files[pack.TimestampName] = listed.Token([]byte("another manifest"), d.w.Now)
			return d.as().wants(o.fails(0, "package.timestamp", "over other bytes than the manifest"))
		}},
		{"p03-stamp-forged", breaking, "The signature of the token is not that of the authority whose certificate it encloses.", func() packed {
			d := stampedBy(listed, 0)
			d.files[pack.TimestampName] = flipped(d.files[pack.TimestampName])
			return d.as().wants(o.fails(0, "package.timestamp", "not that of the timestamp authority"))
		}},
		{"p03-stamp-malformed", breaking, "What stands in the place of the token is none: the packing time is the packer's word.", func() packed {
			d := stampedBy(listed, hours(48))
			d.files[pack.TimestampName] = append(d.files[pack.TimestampName], 0)
			return d.as().wants(o.shows(0, "not applicable", "package.timestamp", "not in the form of").holds(4, "freshness", "the trust list allows 24h"))
		}},
		{"p03-stamped-own-manifest", holding, "The timestamp has a manifest of its own, and its token is over that.", func() packed {
			return stampedWith(listed, time.Minute, true).as().wants(o.holds(0, "package.timestamp", "a timestamp authority of AA says").
				shows(0, "holds", "sender.verdict", ""))
		}},
		{"p03-stamp-over-the-other", breaking, "The timestamp has a manifest of its own, and its token is over the other.", func() packed {
			d := stampedBy(listed, 0)
			d.files[pack.StampedName] = []byte{}
			return d.as().wants(o.fails(0, "package.timestamp", "over other bytes than the manifest"))
		}},
	}
}
