package verify_test

import (
	"time"

	"example.org/custody/evidence/asic"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// renewal is one archive timestamp: by whom, and how long after packing.
type renewal struct {
	by    *verifytest.TSA
	later time.Duration
}

// archived is a package with a timestamp of the first authority a minute after it was
// packed, and with archive timestamps. Of the authorities AA's and BB's are listed,
// AA's for three hours.
func archived(aa, bb *verifytest.TSA, archives ...renewal) *delivery {
	return archivedAfter(time.Minute, aa, bb, archives...)
}

// archivedAfter is [archived] with another time of the timestamp.
func archivedAfter(later time.Duration, aa, bb *verifytest.TSA, archives ...renewal) *delivery {
	s := newStage(verifytest.Config{Edit: func(l *trust.List) {
		l.TSAs = []trust.TSA{aa.Listed("AA", verifytest.Start.Add(hours(3))), bb.Listed("BB", time.Time{})}
	}})
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	b := s.w.Package(verifytest.Packing{
		By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles},
		Stamp: func(manifest []byte) []byte { return aa.Token(manifest, s.w.Now.Add(later)) },
	})
	for _, r := range archives {
		b = verifytest.Renewed(b, func(manifest []byte) []byte { return r.by.Long(manifest, s.w.Now.Add(r.later)) })
	}
	return &delivery{s, verifytest.Files(b)}
}

// archiveCases are about archive timestamps.
func archiveCases() []packageCase {
	var o outcome
	aa, bb, stranger := verifytest.NewTSA("AA"), verifytest.NewTSA("BB"), verifytest.NewTSA("XX")
	first, second := asic.ArchiveToken(1), asic.ArchiveToken(2)
	return []packageCase{
		{"x-archive", holding, "An archive timestamp is over the whole package as it stood.", func() packed {
			return archived(aa, bb, renewal{aa, hours(1)}).as().wants(o.holds(0, "package.archive", "as SHA-512 shows; the certificate of the timestamp before it was still valid").
				shows(0, "holds", "package.timestamp", "").shows(0, "holds", "sender.verdict", ""))
		}},
		{"x-archive-two", holding, "A second archive timestamp, of another authority, is over the first, whose authority the list no longer lets count.", func() packed {
			return archived(aa, bb, renewal{aa, hours(1)}, renewal{bb, hours(20)}).as().wants(o.holds(0, "package.archive", "a timestamp authority of BB says").
				shows(0, "holds", "package.archive", "a timestamp authority of AA says"))
		}},
		{"x-archive-unlisted", breaking, "The list does not name the authority of the archive timestamp: it says nothing.", func() packed {
			return archived(aa, bb, renewal{stranger, hours(1)}).as().wants(o.shows(0, "not applicable", "package.archive", "not in the trust list").
				shows(0, "holds", "package.timestamp", ""))
		}},
		{"x-archive-too-late", breaking, "The authority of the archive timestamp was no longer one when it was given.", func() packed {
			return archived(aa, bb, renewal{aa, hours(20)}).as().wants(o.shows(0, "not applicable", "package.archive", "not counted"))
		}},
		{"x-archive-of-another", breaking, "The token of the archive timestamp is over another manifest.", func() packed {
			d := archived(aa, bb, renewal{aa, hours(1)})
			d.files[first] = aa.Long([]byte("another manifest"), d.w.Now)
			return d.as().wants(o.fails(0, "package.archive", "over other bytes than it"))
		}},
		{"x-archive-short", breaking, "The token of the archive timestamp is over a SHA-256: it would not outlast the timestamps before it.", func() packed {
			d := archived(aa, bb, renewal{aa, hours(1)})
			d.files[first] = aa.Token([]byte("a manifest"), d.w.Now)
			return d.as().wants(o.fails(0, "package.archive", "over other bytes than it"))
		}},
		{"x-archive-forged", breaking, "The signature of the archive timestamp is not that of the authority whose certificate it encloses.", func() packed {
			d := archived(aa, bb, renewal{aa, hours(1)})
			d.files[first] = flipped(d.files[first])
			return d.as().wants(o.fails(0, "package.archive", "not that of the timestamp authority"))
		}},
		{"x-archive-malformed", breaking, "What stands in the place of the archive timestamp is none: it says nothing.", func() packed {
			d := archived(aa, bb, renewal{aa, hours(1)})
			d.files[first] = append(d.files[first], 0)
			return d.as().wants(o.shows(0, "not applicable", "package.archive", "not in the form of"))
		}},
		{"x-archive-resigned", breaking, "After the archive timestamp a file was changed, and the packer signed again.", func() packed {
			d := archived(aa, bb, renewal{aa, hours(1)})
			d.files[pack.ReadmeName] = append(d.files[pack.ReadmeName], '\n')
			return d.signed(nil, nil).wants(o.fails(0, "package.archive", "over other bytes than it"))
		}},
		{"x-archive-before-stamp", breaking, "The archive timestamp says an earlier time than the timestamp that it is over.", func() packed {
			return archived(aa, bb, renewal{bb, 0}).as().wants(o.fails(0, "package.archive", "over something that came later: a timestamp before it"))
		}},
		{"x-archive-before-packing", breaking, "The archive timestamp says an earlier time than the packer claims for the package.", func() packed {
			d := archived(aa, bb)
			delete(d.files, pack.TimestampName)
			p := d.as()
			p.bytes = verifytest.Renewed(p.bytes, func(manifest []byte) []byte { return bb.Long(manifest, d.w.Now.Add(-time.Hour)) })
			return p.wants(o.undecided(0, "package.archive", "one of the two clocks is wrong"))
		}},
		{"x-archive-fast-packer", holding, "The packer's clock is fast; the timestamp over the package says when it was made, and the archive timestamp is later than that.", func() packed {
			return archivedAfter(-4*time.Minute, aa, bb, renewal{bb, -3 * time.Minute}).as().wants(o.holds(0, "package.archive", "was still valid"))
		}},
		{"x-archive-before-archive", breaking, "The second archive timestamp says an earlier time than the first, which it is over.", func() packed {
			return archived(aa, bb, renewal{aa, hours(2)}, renewal{bb, hours(1)}).as().wants(o.fails(0, "package.archive", "over something that came later"))
		}},
		{"x-archive-over-a-stranger", holding, "Between two archive timestamps that count stands one that does not: what is said of the second does not rest on it.", func() packed {
			return archived(aa, bb, renewal{aa, hours(1)}, renewal{stranger, hours(2)}, renewal{bb, hours(3)}).as().
				wants(o.holds(0, "package.archive", "the timestamp before it is not counted").shows(0, "not applicable", "package.archive", "not in the trust list"))
		}},
		{"x-archive-stranger-between", breaking, "One that does not count is put between two archive timestamps of which the second is the earlier.", func() packed {
			return archived(aa, bb, renewal{aa, hours(2)}, renewal{stranger, hours(2)}, renewal{bb, hours(1)}).as().
				wants(o.fails(0, "package.archive", "over something that came later: a timestamp before it"))
		}},
		{"x-archive-stranger-first", breaking, "One that does not count is put between the timestamp and an archive timestamp that is earlier.", func() packed {
			return archived(aa, bb, renewal{stranger, hours(1)}, renewal{bb, 0}).as().
				wants(o.fails(0, "package.archive", "over something that came later: a timestamp before it"))
		}},
		{"x-archive-second-malformed", breaking, "What stands in the place of the second archive timestamp is none; the first holds.", func() packed {
			d := archived(aa, bb, renewal{aa, hours(1)}, renewal{bb, hours(20)})
			d.files[second] = d.files[second][:20]
			return d.as().wants(o.shows(0, "not applicable", "package.archive", "not in the form of").shows(0, "holds", "package.archive", "a timestamp authority of AA says"))
		}},
	}
}
