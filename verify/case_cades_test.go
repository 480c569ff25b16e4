package verify_test

import (
	"bytes"
	"time"

	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// doublySigned is a package whose packer also made a CAdES signature, with
// whatever make returns.
func doublySigned(make func(s *stage, manifest []byte) []byte) *delivery {
	return signedIn(verifytest.Config{}, make)
}

func signedIn(c verifytest.Config, make func(s *stage, manifest []byte) []byte) *delivery {
	listed := verifytest.NewTSA("AA")
	c.Edit = func(l *trust.List) { l.TSAs = []trust.TSA{listed.Listed("AA", time.Time{})} }
	s := newStage(c)
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	b := s.w.Package(verifytest.Packing{
		By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles},
		CAdES: func(manifest []byte) []byte { return make(s, manifest) },
	})
	return &delivery{s, verifytest.Files(b)}
}

// cadesCases are about the signature that foreign validators read.
func cadesCases() []packageCase {
	var o outcome
	years := verifytest.Start.AddDate(3, 0, 0)
	stampAt := func(a *verifytest.TSA, at time.Time) func([32]byte) []byte {
		return func(digest [32]byte) []byte { return a.TokenOver(digest, at) }
	}
	levelB := func(s *stage, m []byte) []byte { return s.bob.CAdES(m, s.w.Now, years, nil) }
	levelT := func(s *stage, m []byte) []byte {
		return s.bob.CAdES(m, s.w.Now, years, stampAt(verifytest.NewTSA("AA"), s.w.Now))
	}
	lists := func(make func(s *stage) [][]byte) *delivery {
		return signedIn(verifytest.Config{Lists: true}, func(s *stage, m []byte) []byte {
			b, err := cms.WithRevocations(levelT(s, m), make(s))
			if err != nil {
				panic(err)
			}
			return b
		})
	}
	return append(cadesListCases(lists), []packageCase{
		{"x-cades", holding, "The packer also made a CAdES signature, of level B.", func() packed {
			return doublySigned(levelB).as().wants(o.holds(0, "package.cades", "at its own word"))
		}},
		{"x-cades-timestamp", holding, "The packer also made a CAdES signature, of level T: its token's authority is listed.", func() packed {
			return doublySigned(levelT).as().wants(o.holds(0, "package.cades", "as a timestamp token says"))
		}},
		{"x-cades-timestamp-unlisted", holding, "The list does not name the authority of the signature's token: its time is the signer's word.", func() packed {
			return doublySigned(func(s *stage, m []byte) []byte {
				return s.bob.CAdES(m, s.w.Now, years, stampAt(verifytest.NewTSA("XX"), s.w.Now))
			}).as().wants(o.holds(0, "package.cades", "at its own word"))
		}},
		{"x-cades-last-second", holding, "The certificate ended with the second of the token.", func() packed {
			return doublySigned(func(s *stage, m []byte) []byte {
				end := s.w.Now.Add(time.Minute).Truncate(time.Second)
				return s.bob.CAdES(m, s.w.Now, end, stampAt(verifytest.NewTSA("AA"), end))
			}).as().wants(o.holds(0, "package.cades", "as a timestamp token says"))
		}},
		{"x-cades-expired", breaking, "The certificate ended one second before the token.", func() packed {
			return doublySigned(func(s *stage, m []byte) []byte {
				end := s.w.Now.Add(time.Minute).Truncate(time.Second)
				return s.bob.CAdES(m, s.w.Now, end, stampAt(verifytest.NewTSA("AA"), end.Add(time.Second)))
			}).as().wants(o.undecided(0, "package.cades", "the certificate does not count"))
		}},
		{"x-cades-other-manifest", breaking, "The CAdES signature is over another manifest.", func() packed {
			return doublySigned(func(s *stage, m []byte) []byte { return levelB(s, append(m, ' ')) }).as().
				wants(o.fails(0, "package.cades", "no signature over this manifest"))
		}},
		{"x-cades-token-of-another", breaking, "The token in the CAdES signature is over another signature.", func() packed {
			d := doublySigned(levelT)
			d.files[pack.CAdESName] = otherToken(d.files[pack.CAdESName], d.w.Now)
			return d.as().wants(o.fails(0, "package.cades", "over another signature"))
		}},
		{"x-cades-forged", breaking, "A bit of the CAdES signature is changed.", func() packed {
			d := doublySigned(levelB)
			d.files[pack.CAdESName] = flipped(d.files[pack.CAdESName])
			return d.as().wants(o.fails(0, "package.cades", "no signature over this manifest"))
		}},
		{"x-cades-malformed", breaking, "What stands in the place of the CAdES signature is none.", func() packed {
			d := doublySigned(levelB)
			d.files[pack.CAdESName] = append(d.files[pack.CAdESName], 0)
			return d.as().wants(o.undecided(0, "package.cades", "cannot be read"))
		}},
		{"x-cades-of-another", breaking, "The CAdES signature is another officer's than the packer.", func() packed {
			return doublySigned(func(s *stage, m []byte) []byte { return s.ann.CAdES(m, s.w.Now, years, nil) }).as().
				wants(o.undecided(0, "package.cades", "is not the packer's"))
		}},
		{"x-cades-authority-ended", breaking, "The authority had ended when the CAdES signature was made.", func() packed {
			d := doublySigned(levelB)
			p := d.as()
			p.trust.List = d.w.Next(func(l *trust.List) {
				for i := range l.Authorities {
					l.Authorities[i].To = d.w.Now.Add(-time.Second).Truncate(time.Second)
				}
			})
			return p.wants(o.undecided(0, "package.cades", "the certificate does not count"))
		}},
	}...)
}

// cadesListCases are about the revocation lists of level LT.
func cadesListCases(lists func(func(s *stage) [][]byte) *delivery) []packageCase {
	var o outcome
	never := time.Time{}
	list := func(state int, issued, revoked time.Duration) func(s *stage) [][]byte {
		return func(s *stage) [][]byte {
			at := never
			if revoked != 0 {
				at = s.w.Now.Add(revoked)
			}
			return [][]byte{s.w.States[state].RevocationList(s.w.Now.Add(issued), at)}
		}
	}
	return []packageCase{
		{"x-cades-lists", holding, "The CAdES signature is of level LT: the authority's list does not name its certificate.", func() packed {
			return lists(list(1, time.Minute, 0)).as().wants(o.holds(0, "package.cades", "does not name the certificate"))
		}},
		{"x-cades-lists-later", holding, "The certificate was revoked after the signature's timestamp.", func() packed {
			return lists(list(1, time.Hour, time.Minute)).as().wants(o.holds(0, "package.cades", "revoked later"))
		}},
		{"x-cades-lists-revoked", breaking, "The certificate was revoked before the signature's timestamp.", func() packed {
			return lists(list(1, time.Minute, -time.Minute)).as().wants(o.fails(0, "package.cades", "the certificate was revoked at"))
		}},
		{"x-cades-lists-newer", breaking, "Of two lists the newer says that the certificate was revoked.", func() packed {
			return lists(func(s *stage) [][]byte {
				return append(list(1, -time.Hour, 0)(s), list(1, time.Minute, -time.Minute)(s)...)
			}).as().wants(o.fails(0, "package.cades", "the certificate was revoked at"))
		}},
		{"x-cades-lists-of-another", holding, "The list is another state's, which never issued the certificate: it says nothing.", func() packed {
			return lists(list(0, time.Minute, -time.Minute)).as().wants(o.holds(0, "package.cades", "as a timestamp token says"))
		}},
		{"x-cades-lists-forged", holding, "A bit of the list is changed: it says nothing.", func() packed {
			return lists(func(s *stage) [][]byte {
				b := s.w.States[1].RevocationList(s.w.Now, s.w.Now.Add(-time.Minute))
				b[len(b)-1] ^= 1
				return [][]byte{b}
			}).as().wants(o.holds(0, "package.cades", "as a timestamp token says"))
		}},
	}
}

// otherToken puts a token over something else into a signature of level T.
func otherToken(signature []byte, now time.Time) []byte {
	s, err := cms.ParseSignature(signature)
	if err != nil {
		panic(err)
	}
	mine, tsa := s.Token.DER(), verifytest.NewTSA("AA")
	for i := range byte(255) {
		// Of the same length, so that nothing around it changes.
		if other := tsa.Token([]byte{i}, now); len(other) == len(mine) {
			return bytes.Replace(signature, mine, other, 1)
		}
	}
	panic("no token of that length")
}
