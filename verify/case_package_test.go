package verify_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
	"example.org/custody/verify/verifytest"
)

// packageCase is one package with the answer that the verifier must give.
type packageCase struct {
	name string
	side side
	says string
	make func() packed
}

// packed is a package and what must come out.
type packed struct {
	bytes []byte
	outcome
}

// delivery is a stage with a package of its item: a text and a bag.
type delivery struct {
	*stage
	files map[string][]byte
}

var twoFiles = []verifytest.File{{Path: "a.txt", Content: []byte("the first\n")}, {Path: "b.txt", Content: []byte("the second\n")}}

func delivered() *delivery { return deliveredBy(nil) }

func deliveredBy(choose func(*stage) verifytest.Packing) *delivery {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	p := verifytest.Packing{By: s.bob}
	if choose != nil {
		p = choose(s)
	}
	p.Items, p.Files = []*verifytest.Item{s.item}, [][]verifytest.File{twoFiles}
	return &delivery{s, verifytest.Files(s.w.Package(p))}
}

// withGraph is a package with the graph of the investigation.
func withGraph() *delivery {
	return deliveredBy(func(s *stage) verifytest.Packing { return verifytest.Packing{By: s.bob, Graph: caseuco.Write} })
}

// withRegisters is a package with the registers as JSON too.
func withRegisters() *delivery {
	return deliveredBy(func(s *stage) verifytest.Packing { return verifytest.Packing{By: s.bob, Registers: true} })
}

// as gives the package of the files, whatever was signed, to the verifier.
func (d *delivery) as() packed {
	return packed{verifytest.Container(d.files), outcome{trust: d.w.Trust()}}
}

// signed is the package of the files with a statement over them.
func (d *delivery) signed(edit func(*pack.Statement), forge func(*signing.Envelope)) packed {
	return packed{verifytest.Resign(d.files, d.bob, edit, forge), outcome{trust: d.w.Trust()}}
}

func (p packed) verdict(t testing.TB) *verify.Verdict {
	t.Helper()
	v, _, err := verify.File(t.Context(), bytes.NewReader(p.bytes), int64(len(p.bytes)), p.trust, p.opts)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// wants replaces what must come out.
func (p packed) wants(o outcome) packed {
	p.exit, p.found = o.exit, o.found
	return p
}

// packageCases are about the container, what the packer signed, and what the
// sender says of it (P3, P10, P16, P18).
func packageCases() []packageCase {
	var o outcome
	return append([]packageCase{
		{"p16-package", holding, "A package: what is shown of it, every copy in it, and the sender's own verdict.", func() packed {
			return delivered().as().wants(o.holds(0, "sender.verdict", "every finding has the same status").shows(0, "holds", "digest", "payload/1/1.txt").
				shows(0, "holds", "package.manifest", "").shows(0, "holds", "package.signature", "").shows(1, "holds", "content.tree", "recomputed"))
		}},
		{"p16-bag", holding, "The copies are members of an inner bag.", func() packed { // of the earlier form
			return deliveredBy(func(s *stage) verifytest.Packing { return verifytest.Packing{By: s.bob, Plain: true} }).as().
				wants(o.holds(0, "digest", "payload/1.zip").shows(1, "holds", "content.tree", "recomputed"))
		}},
		{"p16-tree-only", holding, "The plain digests were not recomputed: the content tree, which the record signs, was.", func() packed {
			p := delivered().as()
			p.opts.TreeOnly = true
			return p.wants(o.holds(1, "content.tree", "recomputed").shows(0, "not applicable", "digest", "was not recomputed").shows(0, "holds", "sender.verdict", ""))
		}},
		{"p16-sender-tree-only", holding, "The plain digests were not recomputed: of the sender's verdict they are not compared, and that is said.", func() packed {
			p := delivered().as()
			p.opts.TreeOnly = true
			return p.wants(o.holds(0, "sender.verdict", "except those about plain digests").shows(1, "undecided", "content.sha256", "not recomputed"))
		}},
		{"p16-other-reader", holding, "The reader asks as of another moment; the sender's verdict is computed again as the sender could.", func() packed {
			p := delivered().as()
			p.opts.AsOf = verifytest.Start.Add(hours(5))
			return p.wants(o.holds(0, "sender.verdict", "every finding has the same status"))
		}},
		{"p16-sender-says-otherwise", breaking, "The sender's verdict says of one finding what does not come out under the list that it names.", func() packed {
			d := delivered()
			d.files[pack.VerdictName] = replaced(d.files[pack.VerdictName], `"status":"holds","subject":"`+d.item.ID.String()+`/0"`, `"status":"undecided","subject":"`+d.item.ID.String()+`/0"`)
			return d.signed(nil, nil).wants(o.fails(0, "sender.verdict", "the sender says that"))
		}},
		{"p16-sender-answers-otherwise", breaking, "The sender's verdict answers a question otherwise than its own findings do.", func() packed {
			d := delivered()
			d.files[pack.VerdictName] = edited(d.files[pack.VerdictName], func(item map[string]any) {
				item["questions"].([]any)[6].(map[string]any)["status"] = "holds"
			})
			return d.signed(nil, nil).wants(o.fails(0, "sender.verdict", "differs in question 7"))
		}},
		{"p16-sender-timeline", breaking, "The sender's timeline leaves out who held the item.", func() packed {
			d := delivered()
			d.files[pack.VerdictName] = edited(d.files[pack.VerdictName], func(item map[string]any) { item["timeline"] = []any{} })
			return d.signed(nil, nil).wants(o.fails(0, "sender.verdict", "differs in the timeline"))
		}},
		{"p16-sender-other-words", holding, "The sender's verdict says the same in other words.", func() packed {
			d := delivered()
			d.files[pack.VerdictName] = edited(d.files[pack.VerdictName], func(item map[string]any) {
				item["questions"].([]any)[0].(map[string]any)["sentence"] = "As it was."
			})
			return d.signed(nil, nil).wants(o.holds(0, "sender.verdict", "every finding has the same status"))
		}},
		{"p16-packer-stale", breaking, "The proof that the packer's key was not revoked is two days older than the package.", func() packed {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
			stale := s.w.DossierWith([]*verifytest.Officer{s.bob}, s.item)
			s.w.Tick(hours(48))
			s.examine(s.ann)
			b := s.w.Package(verifytest.Packing{By: s.ann, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles}, Dossier: func(d *pack.Dossier) {
				graft(d, stale, s.bob.Enrolment.ID, originB)
			}})
			d := &delivery{s, verifytest.Files(b)}
			return d.signed(func(x *pack.Statement) { x.Signers = []evidence.Signer{s.bob.Signer()} }, nil).
				wants(o.undecided(0, "key.period", "the trust list allows 24h"))
		}},
		{"p16-sender-says-less", breaking, "The sender's verdict leaves out a finding that does not hold.", func() packed {
			d := deliveredBy(func(s *stage) verifytest.Packing {
				return verifytest.Packing{By: s.bob, Dossier: func(d *pack.Dossier) { event(d, s.item, 0).Record.Entries[0].Salt[0] ^= 1 }}
			})
			d.files[pack.VerdictName] = without(d.files[pack.VerdictName], "record.root")
			return d.signed(nil, nil).wants(o.fails(0, "sender.verdict", "the sender says that record.root").shows(1, "fails", "record.root", ""))
		}},
		{"p16-sender-other-list", breaking, "The list that the sender names is not in the package.", func() packed {
			d := delivered()
			digest := evidence.Hash(d.w.List.Digest()).String()
			d.files[pack.VerdictName] = replaced(d.files[pack.VerdictName], digest, strings.Repeat("0", 64))
			return d.signed(nil, nil).wants(o.undecided(0, "sender.verdict", "is not in the package"))
		}},
		{"p16-sender-other-version", breaking, "The sender gives the list that it names another version than the list has.", func() packed {
			d := delivered()
			d.files[pack.VerdictName] = replaced(d.files[pack.VerdictName], `,"version":1}}`, `,"version":2}}`)
			return d.signed(nil, nil).wants(o.undecided(0, "sender.verdict", "is not in the package"))
		}},
		{"p16-sender-other-time", breaking, "The sender's verdict is of another time than the package.", func() packed {
			return delivered().signed(func(s *pack.Statement) { s.Packed = s.Packed.Add(time.Second) }, nil).
				wants(o.fails(0, "sender.verdict", "another time than the package"))
		}},
		{"p16-file-changed", breaking, "A file was changed and the manifest made again; the packer signed another.", func() packed {
			d := delivered()
			d.files[pack.ReadmeName] = append(d.files[pack.ReadmeName], "All is well.\n"...)
			return d.as().wants(o.fails(0, "package.manifest", "signed another manifest"))
		}},
		{"p16-copy-changed", breaking, "An evidence copy was changed and the packer signed it so; the record did not.", func() packed {
			d := delivered()
			d.files["payload/1/1.txt"] = []byte("the other\n")
			return d.signed(nil, nil).wants(o.fails(1, "content.tree", "not the one that was sealed").shows(0, "holds", "sender.verdict", "").shows(0, "holds", "package.manifest", ""))
		}},
		{"p16-sender-copy-changed", breaking, "An evidence copy is another now: what the sender found of it is not compared, and that is said.", func() packed {
			d := delivered()
			d.files["payload/1/1.txt"] = []byte("the other\n")
			return d.signed(nil, nil).wants(o.fails(1, "content.tree", "not the one that was sealed").shows(0, "holds", "sender.verdict", "except some that were not compared"))
		}},
		{"p16-items-changed", breaking, "The packer signed for another item.", func() packed {
			return delivered().signed(func(s *pack.Statement) { s.Items[0][0] ^= 1 }, nil).wants(o.fails(0, "package.items", "for other items"))
		}},
		{"p16-signature-changed", breaking, "A bit of the packer's signature is changed.", func() packed {
			return delivered().signed(nil, func(e *signing.Envelope) { e.Signatures[0].Sig[20] ^= 1 }).wants(o.fails(0, "package.signature", "does not verify"))
		}},
		{"p16-signer-missing", breaking, "The packer's statement names two who sign, and one did.", func() packed {
			d := delivered()
			return d.signed(func(s *pack.Statement) { s.Signers = append(s.Signers, d.ann.Signer()) }, nil).
				wants(o.fails(0, "package.signature", "not those of the signers named"))
		}},
		{"p16-packer-other-role", breaking, "The packer signs in a role that the key was not enrolled for.", func() packed {
			return delivered().signed(func(s *pack.Statement) { s.Signers[0].Role = evidence.RoleCourt }, nil).
				wants(o.fails(0, "key.enrolled", "is enrolled as"))
		}},
		{"p16-packer-revoked", breaking, "The packer's key was revoked, and nothing shows that the package was made before.", func() packed {
			d := deliveredBy(func(s *stage) verifytest.Packing {
				s.w.Refresh()
				s.bob.Revoke()
				return verifytest.Packing{By: s.bob}
			})
			return d.as().wants(o.undecided(0, "key.period", "the packer's key was revoked"))
		}},
		{"p16-inventory-changed", breaking, "The inventory is not the one that follows from the events.", func() packed {
			d := delivered()
			d.files[pack.InventoryName] = replaced(d.files[pack.InventoryName], "disclosed", "withheld:method")
			return d.signed(nil, nil).wants(o.fails(0, "package.registers", pack.InventoryName))
		}},
		{"p16-register-changed", breaking, "The register of what is held back is not the one that follows from the events.", func() packed {
			d := delivered()
			d.files[pack.WithheldName] = append(d.files[pack.WithheldName], "nothing,0,,,,\n"...)
			return d.signed(nil, nil).wants(o.fails(0, "package.registers", pack.WithheldName))
		}},
		{"p16-registers", holding, "Inventory and register of what is held back are there as JSON too, and follow from the events.", func() packed {
			return withRegisters().as().wants(o.holds(0, "package.registers", ""))
		}},
		{"p16-registers-inventory-changed", breaking, "The inventory as JSON says something else than the events, and the one as CSV.", func() packed {
			d := withRegisters()
			d.files[pack.InventoryJSONName] = replaced(d.files[pack.InventoryJSONName], `"disclosed":true`, `"disclosed":false`)
			return d.signed(nil, nil).wants(o.fails(0, "package.registers", pack.InventoryJSONName))
		}},
		{"p16-registers-withheld-changed", breaking, "The register of what is held back says something else as JSON than the events, and the one as CSV.", func() packed {
			d := withRegisters()
			d.files[pack.WithheldJSONName] = replaced(d.files[pack.WithheldJSONName], `}`, `} `)
			return d.signed(nil, nil).wants(o.fails(0, "package.registers", pack.WithheldJSONName))
		}},
		{"p16-graph", holding, "The graph of the investigation follows from the events.", func() packed {
			return withGraph().as().wants(o.holds(0, "package.registers", ""))
		}},
		{"p16-graph-changed", breaking, "The graph of the investigation is not the one that follows from the events.", func() packed {
			d := withGraph()
			d.files[pack.GraphName] = replaced(d.files[pack.GraphName], "Success", "Fail")
			return d.signed(nil, nil).wants(o.fails(0, "package.registers", pack.GraphName))
		}},
		{"p16-unnamed-copy", breaking, "A copy is enclosed that no item names.", func() packed {
			d := delivered()
			d.files["payload/1/3.txt"] = []byte("the third\n")
			return d.signed(nil, nil).wants(o.undecided(0, "dossier.form", "payload/1/3.txt"))
		}},
		{"p16-unknown-file", breaking, "A file is enclosed that no package has.", func() packed {
			d := delivered()
			d.files["record/opinion.txt"] = []byte("guilty\n")
			return d.signed(nil, nil).wants(o.undecided(0, "dossier.form", "record/opinion.txt"))
		}},
		{"p16-file-missing", breaking, "The sender's verdict is not enclosed.", func() packed {
			d := delivered()
			delete(d.files, pack.VerdictName)
			return d.signed(nil, nil).wants(o.undecided(0, "dossier.form", pack.VerdictName))
		}},
		{"p16-statement-encoding", breaking, "The packer's statement has a line end behind it.", func() packed {
			d := delivered()
			d.files[pack.SignatureName] = append(d.files[pack.SignatureName], '\n')
			return d.as().wants(o.undecided(0, "dossier.form", pack.SignatureName))
		}},

		{"p03-packed", holding, "Without another moment given, completeness is judged for the packer's claimed time.", func() packed {
			return delivered().as().wants(o.holds(4, "freshness", "the trust list allows 24h"))
		}},
		{"p03-packed-late", breaking, "The package was made two days after the proof in it.", func() packed {
			d := deliveredBy(func(s *stage) verifytest.Packing {
				return verifytest.Packing{By: s.bob, Dossier: func(*pack.Dossier) { s.w.Tick(hours(48)) }}
			})
			return d.as().wants(o.undecided(4, "freshness", "the trust list allows 24h"))
		}},
		{"p03-packed-before-the-proof", breaking, "The packer claims a time long before the proof in the package, so that an offer does not look overdue.", func() packed {
			d := deliveredBy(func(s *stage) verifytest.Packing {
				return verifytest.Packing{By: s.bob, Dossier: func(*pack.Dossier) { s.w.Tick(-hours(20)) }}
			})
			return d.as().wants(o.undecided(4, "freshness", "before the proof in it"))
		}},
		{"p14-overdue-by-the-proof", breaking, "The packer claims a time minutes before the proof in the package; in between an offer fell due.", func() packed {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(verifytest.Record{Files: twoFiles})
			s.item.Offer(s.ann, s.bob, func(e *evidence.Event) { e.Due = evidence.Instant(s.w.Now.Add(hours(1))) })
			s.w.Tick(hours(1) + 2*time.Minute)
			b := s.w.Package(verifytest.Packing{By: s.ann, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{twoFiles}, Dossier: func(*pack.Dossier) {
				s.w.Tick(-8 * time.Minute)
			}})
			d := &delivery{s, verifytest.Files(b)}
			return d.as().wants(o.undecided(3, "custody.gap", "GAP-ONESIDED"))
		}},
		{"p10-list-in-package", breaking, "The reader has no list; the package's own is no root.", func() packed {
			p := delivered().as()
			p.trust = verify.Trust{Source: verify.SourceNone}
			return p.wants(o.undecided(0, "trust.list", "no trust list of the reader's own").shows(6, "undecided", "checkpoint.log", "there is no trust list"))
		}},
		{"p10-other-list-same-findings", holding, "The reader's list is newer than the sender's, and finds the same.", func() packed {
			d := delivered()
			p := d.as()
			p.trust.List = d.w.Next(func(l *trust.List) { l.NextUpdate = l.NextUpdate.AddDate(0, 1, 0) })
			return p.wants(o.holds(0, "sender.verdict", "every finding has the same status").shows(0, "holds", "trust.list", "version 2"))
		}},
	}, slices.Concat(stampCases(), cadesCases(), readersCases(), bagCases(), archiveCases(), channelPackageCases(), graphCases())...)
}

// without takes every finding of a check out of a sender's verdict.
func without(verdict []byte, check string) []byte {
	return edited(verdict, func(item map[string]any) {
		for _, q := range item["questions"].([]any) {
			q := q.(map[string]any)
			q["findings"] = slices.DeleteFunc(q["findings"].([]any), func(f any) bool { return f.(map[string]any)["check"] == check })
		}
	})
}

// edited changes a sender's verdict about its first item.
func edited(verdict []byte, edit func(item map[string]any)) []byte {
	var v map[string]any
	if err := json.Unmarshal(verdict, &v); err != nil {
		panic(err)
	}
	edit(v["items"].([]any)[0].(map[string]any))
	b, err := evidence.Canonical(v)
	if err != nil {
		panic(err)
	}
	return b
}

// graft adds the events of an item and a ledger's line from another dossier.
func graft(d, from *pack.Dossier, item evidence.ItemID, log evidence.Origin) {
	for _, e := range from.Events {
		if id, _, err := e.Place(); err == nil && id == item {
			d.Events = append(d.Events, e)
		}
	}
	if d.Log(log) != nil {
		panic("the ledger is there already")
	}
	d.Logs = append(d.Logs, *from.Log(log))
	d.Notes = dedupe(slices.Concat(d.Notes, from.Notes))
	if err := d.Sort(); err != nil {
		panic(err)
	}
}

func replaced(b []byte, old, new string) []byte {
	if !bytes.Contains(b, []byte(old)) {
		panic("nothing to replace: " + old)
	}
	return bytes.Replace(b, []byte(old), []byte(new), 1)
}
