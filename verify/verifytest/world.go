package verifytest

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"golang.org/x/mod/sumdb/note"
)

// Config says what world to make. The zero value is the one of most tests.
type Config struct {
	States []string      // codes; nil: AA and BB
	F      int           // how many of a ledger's other states may lie
	MaxAge time.Duration // 0: 24 hours
	Edit   func(*trust.List)
	Lists  bool // the authorities may issue revocation lists
}

// World is a set of member states and a trust list they signed.
type World struct {
	Now      time.Time // moves a minute with every event
	States   []*State
	List     *trust.List
	Policies [][]byte
	Certs    [][]byte
	Anchors  []pack.Anchor // what the states recorded on their channel

	drawn  int // random values drawn so far
	events []*Event
}

// State is a member state.
type State struct {
	Code      string
	Log       *Log   // its ledger
	Logs      []*Log // all it has had
	Authority *Officer
	Cert      *x509.Certificate

	world            *World
	list             *noteKey // signs trust lists
	witness, auditor *noteKey
}

// Start is the time of a new world's clock.
var Start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// New makes a world whose states found their trust list.
func New(c Config) *World {
	if c.States == nil {
		c.States = []string{"AA", "BB"}
	}
	w := &World{Now: Start}
	f := trust.Founding{From: Start.AddDate(-1, 0, 0), Issued: Start.Add(-time.Hour), NextUpdate: Start.AddDate(0, 6, 0), F: c.F, MaxAge: c.MaxAge}
	for _, code := range c.States {
		s := w.newState(code, c.Lists)
		f.Founders = append(f.Founders, trust.Founder{
			State: code, Key: s.list.vkey, Log: s.Log.key.vkey, Witness: s.witness.vkey, Auditor: s.auditor.vkey,
			Authority: trust.Digest(signing.CertificateDigest(s.Cert)),
		})
	}
	list, texts, err := trust.Found(f)
	must(err)
	share(list)
	if c.Edit != nil {
		c.Edit(list)
	}
	for _, t := range texts {
		w.Policies = append(w.Policies, t)
	}
	slices.SortFunc(w.Policies, bytes.Compare) // not in the order of a map
	w.List = w.Sign(list, nil)
	for _, s := range w.States {
		s.Log.Checkpoint(Cosigning{}) // so that the first event has an anchor
	}
	return w
}

func (w *World) newState(code string, lists bool) *State {
	s := &State{
		Code: code, world: w,
		list:    newNoteKey(code, "list "+code, trust.AlgEd25519),
		witness: newNoteKey("witness."+code, "witness "+code, trust.AlgCosignature),
		auditor: newNoteKey("auditor."+code, "auditor "+code, trust.AlgCosignature),
	}
	s.Log = newLog(s, evidence.Origin("log."+code+".example/1"))
	s.Logs = []*Log{s.Log}
	key := newSignerKey("authority " + code)
	cert, err := signing.CreateAuthority(certSigner{key.private}, signing.Template{
		Subject:   pkix.Name{CommonName: "Authority of " + code},
		NotBefore: Start.AddDate(-1, 0, 0), NotAfter: Start.AddDate(20, 0, 0), Serial: big.NewInt(1), Lists: lists,
	})
	must(err)
	s.Cert = cert
	s.Authority = &Officer{State: s, Role: evidence.RoleAuthority, key: key, ID: evidence.KeyID(key.public.ID())}
	w.Certs = append(w.Certs, cert.Raw)
	w.States = append(w.States, s)
	return s
}

// State returns the state with that code.
func (w *World) State(code string) *State {
	for _, s := range w.States {
		if s.Code == code {
			return s
		}
	}
	panic("verifytest: no state " + code)
}

// Sign signs a list by every state and opens it; previous is nil for list 1 and
// for a list that is pinned.
func (w *World) Sign(l *trust.List, previous *trust.List) *trust.List {
	var signers []note.Signer
	for _, s := range w.States {
		signers = append(signers, s.list)
	}
	signed, err := l.Sign(signers...)
	must(err)
	opened, err := trust.Open(signed, previous)
	must(err)
	return opened
}

// Trust returns the world's list as the reader's own.
func (w *World) Trust() verify.Trust {
	return verify.Trust{List: w.List, Source: verify.SourceGiven, Policies: w.Policies, Certs: w.Certs}
}

// EditList returns the reader's trust with a changed list, signed again.
func (w *World) EditList(edit func(*trust.List)) verify.Trust {
	t := w.Trust()
	t.List = w.editList(edit)
	return t
}

func (w *World) editList(edit func(*trust.List)) *trust.List {
	text, err := w.List.Text()
	must(err)
	l, err := trust.ParseText(text)
	must(err)
	edit(l)
	return w.Sign(l, nil)
}

// Tick moves the clock.
func (w *World) Tick(d time.Duration) { w.Now = w.Now.Add(d) }

// draw returns 32 bytes that look random and follow from the calls so far.
func (w *World) draw(what string) [32]byte {
	w.drawn++
	return seeded(fmt.Sprintf("%s %d", what, w.drawn))
}

// Point returns the ledger's newest checkpoint as lists pin it.
func (l *Log) Point() trust.Point {
	cp := l.Tree()
	return trust.Point{Origin: string(cp.Origin), Size: cp.Size, Root: cp.Root}
}

// Next returns the world's next list, which follows the present one.
func (w *World) Next(edit func(*trust.List)) *trust.List {
	text, err := w.List.Text()
	must(err)
	l, err := trust.ParseText(text)
	must(err)
	l.Version, l.Previous = w.List.Version+1, w.List.Digest()
	edit(l)
	return w.Sign(l, w.List)
}
