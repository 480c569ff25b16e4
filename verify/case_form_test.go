package verify_test

import (
	"bytes"
	"encoding/base64"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// formCases are about the bytes of envelopes and dossiers (P19).
func formCases() []testCase {
	return []testCase{
		{"p19-one-encoding", holding, "Every envelope is in its one encoding and signed by exactly those it names.", func() outcome {
			return handed().out().holds(2, "envelope.form", "signed by exactly those it names").shows(2, "holds", "signature", "signed by the")
		}},
		{"p19-two-signatures", holding, "An act of two persons, signed by both in the order of the payload.", func() outcome {
			return disposed(nil).out().holds(2, "signature", "signed by the approver of AA").shows(2, "holds", "act.allowed", "dispose by")
		}},
		{"p19-white-space", breaking, "The envelope has a line end behind it: another encoding of the same meaning.", func() outcome {
			s := handed()
			return s.reencoded(func(b []byte) []byte { return append(b, '\n') }).undecided(0, "dossier.form", "record/events.jsonl")
		}},
		{"p19-member-order", breaking, "The envelope's members are in another order.", func() outcome {
			s := handed()
			return s.reencoded(func(b []byte) []byte {
				head, rest, _ := bytes.Cut(b[1:], []byte(`,"payloadType"`))
				kind, sigs, _ := bytes.Cut(rest, []byte(`,"signatures"`))
				return slicesOf(`{"payloadType"`, kind, ",", head, `,"signatures"`, sigs)
			}).undecided(0, "dossier.form", "record/events.jsonl")
		}},
		{"p19-signature-changed", breaking, "A bit of a signature is changed, in a leaf made for it.", func() outcome {
			s := collected()
			s.item.Forge = func(e *signing.Envelope) { e.Signatures[0].Sig[20] ^= 1 }
			s.examine(s.ann)
			return s.out().fails(2, "signature", "does not verify")
		}},
		{"p19-payload-changed", breaking, "The payload was changed after it was signed, in a leaf made for it.", func() outcome {
			s := collected()
			s.item.Forge = func(e *signing.Envelope) {
				e.Payload = bytes.Replace(e.Payload, []byte(`"clock":"ntp"`), []byte(`"clock":"gnss"`), 1)
			}
			s.examine(s.ann)
			return s.out().fails(2, "signature", "does not verify")
		}},
		{"p19-signature-of-another-event", breaking, "The signature is one that the key made over another event.", func() outcome {
			s := collected()
			s.item.Forge = borrow(signatureOf(s.item.Last()))
			s.examine(s.ann)
			return s.out().fails(2, "signature", "does not verify")
		}},
		{"p19-signature-missing", breaking, "An act of two persons bears one signature.", func() outcome {
			return disposed(func(e *signing.Envelope) { e.Signatures = e.Signatures[:1] }).out().fails(2, "envelope.form", "not those of the signers named")
		}},
		{"p19-signatures-swapped", breaking, "The two signatures stand in each other's place.", func() outcome {
			return disposed(func(e *signing.Envelope) {
				e.Signatures[0], e.Signatures[1] = e.Signatures[1], e.Signatures[0]
			}).out().fails(2, "envelope.form", "not those of the signers named")
		}},
		{"p19-stranger-signs-too", breaking, "Someone signed whom the payload does not name.", func() outcome {
			s := collected()
			stranger := signatureOf(s.bob.Enrolment.Last())
			s.item.Forge = func(e *signing.Envelope) { e.Signatures = append(e.Signatures, stranger) }
			s.examine(s.ann)
			return s.out().fails(2, "envelope.form", "not those of the signers named")
		}},
		{"p19-unknown-member", breaking, "The payload has a member that the format does not know.", func() outcome {
			return handed().edited(func(e *signing.Envelope) {
				e.Payload = bytes.Replace(e.Payload, []byte(`"clock":"ntp"`), []byte(`"certainty":9,"clock":"ntp"`), 1)
			}).fails(2, "envelope.form", "holds no valid event")
		}},
		{"p19-other-type", breaking, "The envelope says that it holds something else than an event.", func() outcome {
			return handed().edited(func(e *signing.Envelope) { e.PayloadType = pack.StatementType }).fails(2, "envelope.form", "not an event")
		}},

		{"x-lines-out-of-order", breaking, "The lines of events.jsonl are in another order.", func() outcome {
			o := handed().out()
			o.files = func(f map[string][]byte) {
				lines := bytes.SplitAfter(f[pack.EventsName], []byte("\n"))
				lines[0], lines[1] = lines[1], lines[0]
				f[pack.EventsName] = bytes.Join(lines, nil)
			}
			return o.undecided(0, "dossier.form", "record/events.jsonl")
		}},
		{"x-line-twice", breaking, "A line of events.jsonl is there twice.", func() outcome {
			o := handed().out()
			o.files = func(f map[string][]byte) {
				first, _, _ := bytes.Cut(f[pack.EventsName], []byte("\n"))
				f[pack.EventsName] = slicesOf(first, "\n", f[pack.EventsName])
			}
			return o.undecided(0, "dossier.form", "record/events.jsonl")
		}},
		{"x-policy-changed", breaking, "A policy's text is not the one that its name gives the digest of.", func() outcome {
			o := handed().out()
			o.files = func(f map[string][]byte) {
				for digest := range o.d.Policies {
					f[pack.PolicyName(digest)] = append(f[pack.PolicyName(digest)], '\n')
				}
			}
			return o.undecided(0, "dossier.form", "trust/policy-")
		}},
		{"x-unknown-file", breaking, "A file is there that no dossier has.", func() outcome {
			o := handed().out()
			o.files = func(f map[string][]byte) { f["trust/notes.txt"] = []byte("trust me\n") }
			return o.undecided(0, "dossier.form", "trust/notes.txt")
		}},
	}
}

// disposed has an item that two persons disposed of; forge changes the envelope.
func disposed(forge func(*signing.Envelope)) *stage {
	s := collected()
	dan := s.w.State("AA").Enrol(evidence.RoleApprover)
	s.item.Forge = forge
	s.item.End(evidence.Dispose, []*verifytest.Officer{s.ann, dan})
	return s
}

func signatureOf(e *verifytest.Event) signing.Signature {
	env, err := signing.Parse(e.Envelope)
	if err != nil {
		panic(err)
	}
	return env.Signatures[0]
}

// borrow puts another signature under the signer's name.
func borrow(sig signing.Signature) func(*signing.Envelope) {
	return func(e *signing.Envelope) { e.Signatures[0].Sig = sig.Sig }
}

// edited shows another envelope in the place of the item's last.
func (s *stage) edited(f func(*signing.Envelope)) outcome {
	env, err := signing.Parse(s.item.Last().Envelope)
	if err != nil {
		panic(err)
	}
	f(env)
	b, err := env.Marshal()
	if err != nil {
		panic(err)
	}
	o := s.out()
	event(o.d, s.item, uint64(s.item.Last().Event.Seq)).Envelope = b
	return o
}

// reencoded writes the item's last envelope otherwise.
func (s *stage) reencoded(f func([]byte) []byte) outcome {
	o := s.out()
	old := s.item.Last().Envelope
	o.files = func(files map[string][]byte) {
		to := base64.StdEncoding.EncodeToString(f(bytes.Clone(old)))
		files[pack.EventsName] = bytes.Replace(files[pack.EventsName], []byte(base64.StdEncoding.EncodeToString(old)), []byte(to), 1)
	}
	return o
}

// slicesOf joins strings and bytes.
func slicesOf(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

// regrafted puts the last signature line of one note under another.
func regrafted(note, from []byte) []byte {
	lines := bytes.SplitAfter(bytes.TrimSuffix(from, []byte("\n")), []byte("\n"))
	last := lines[len(lines)-1]
	mine := bytes.SplitAfter(bytes.TrimSuffix(note, []byte("\n")), []byte("\n"))
	mine[len(mine)-1] = last
	return append(bytes.Join(mine, nil), '\n')
}
