package desk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// apart makes desks as init does: each with a list of its own state alone.
func apart(t *testing.T, codes ...string) []*Created {
	t.Helper()
	dir := ledgertest.Folder(t)
	var desks []*Created
	for _, code := range codes {
		c, err := Create(t.Context(), CreateOptions{Dir: filepath.Join(dir, code), State: code})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := Found(t.Context(), c.Now().Truncate(time.Second), c); err != nil {
			t.Fatal(err)
		}
		if _, err := c.AddOfficer(t.Context(), NewOfficer{Alias: "ann", Role: evidence.RoleCollector, Passphrase: "correct horse battery"}); err != nil {
			t.Fatal(err)
		}
		desks = append(desks, c)
	}
	return desks
}

// proposal of the first desk that adds all others.
func proposal(t *testing.T, desks []*Created) trustlist.Proposal {
	t.Helper()
	p := trustlist.Proposal{Lying: -1}
	for _, c := range desks[1:] {
		b, f, err := c.FounderFile()
		if err != nil || f != c.Founder {
			t.Fatalf("%+v, %v", f, err)
		}
		p.Founders = append(p.Founders, b)
	}
	return p
}

// common has the desks sign one list, and returns its file.
func common(t *testing.T, desks []*Created) *trustlist.File {
	t.Helper()
	got, err := desks[0].Propose(proposal(t, desks))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range desks[1:] {
		if got.Missing == "" {
			t.Fatalf("%s need not sign", c.Config.State)
		}
		if got, err = c.SignTrust(passed(t, got.File)); err != nil {
			t.Fatal(err)
		}
	}
	if got.Missing != "" || len(got.Signed) != len(desks) {
		t.Fatalf("signed by %v, missing %s", got.Signed, got.Missing)
	}
	return got.File
}

// passed writes a trust file and reads it again.
func passed(t *testing.T, f *trustlist.File) *trustlist.File {
	t.Helper()
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "list.trust")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := trustlist.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func mutual(t *testing.T, desks []*Created) {
	t.Helper()
	for _, c := range desks {
		var dirs []string
		for _, o := range desks {
			if o != c {
				dirs = append(dirs, o.path("cosigner"))
			}
		}
		if err := errors.Join(c.book.close(), c.reopen(), c.NameCosigners(dirs...)); err != nil {
			t.Fatal(err)
		}
	}
}

// reopen makes the next act open the ledger again.
func (c *Created) reopen() error { c.book = nil; return nil }

// Three desks that were made apart found a common list, each by itself.
func TestFoundApart(t *testing.T) {
	desks := apart(t, "AA", "BB", "CC")
	mutual(t, desks)
	f := common(t, desks)
	for i, c := range desks {
		got, err := c.AdoptFile(t.Context(), passed(t, f))
		if err != nil {
			t.Fatalf("%s: %v", c.Config.State, err)
		}
		if got.Again || got.Joined != (i > 0) || got.View.Version != 2 || got.Pending != nil && i == len(desks)-1 {
			t.Fatalf("%s: %+v", c.Config.State, got)
		}
		if note, err := c.TrustNote(); err != nil || !bytes.Equal(note, f.Note) {
			t.Fatalf("%s pinned another list: %v", c.Config.State, err)
		}
	}
	for _, c := range desks {
		got, err := c.AdoptFile(t.Context(), passed(t, f))
		if err != nil || !got.Again || got.Pending != nil {
			t.Fatalf("%s again: %+v, %v", c.Config.State, got, err)
		}
		signed, err := c.book.writer.Checkpoint(t.Context())
		if err != nil || !c.trusted.Meets(signed, c.Config.Origin, trust.Court) {
			t.Fatalf("%s: the others do not vouch: %v", c.Config.State, err)
		}
		c.hasLeafOnce(t, ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(trust.DigestOf(f.Note))))
	}
}

func (c *Created) hasLeafOnce(t *testing.T, want ledger.Leaf) {
	t.Helper()
	n := 0
	for leaf, err := range c.book.writer.Log.Leaves(t.Context(), 0, c.book.writer.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		if leaf == want {
			n++
		}
	}
	if n != 1 {
		t.Fatalf("%s: the list's hash stands %d times in the ledger", c.Config.State, n)
	}
}

// The card of an officer proves the enrolment under the list that is pinned.
func TestAdoptRenewsCards(t *testing.T) {
	desks := apart(t, "AA", "BB")
	mutual(t, desks)
	f := common(t, desks)
	for range 2 { // the first to adopt has nobody to cosign yet
		for _, c := range desks {
			if _, err := c.AdoptFile(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
	}
	card, err := desks[1].CardOf("ann")
	if err != nil {
		t.Fatal(err)
	}
	d, err := parseDossier(card.Enrolment)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Notes, func(b []byte) bool { return pack.NoteDigest(b) == d.Logs[0].Note })
	if note := d.Notes[i]; !desks[0].trusted.Meets(note, desks[1].Config.Origin, trust.Court) {
		t.Errorf("the other state cannot rely on the card:\n%s", note)
	}
}

// What was sealed while one state stood alone is proven by the others afterwards: to
// whoever has the common list its receipt counts.
func TestAdoptRenewsReceipts(t *testing.T) {
	desks := apart(t, "AA", "BB")
	mutual(t, desks)
	aa := desks[0]
	sealed, err := aa.Seal(t.Context(), Sealing{Object: "phone"})
	if err != nil {
		t.Fatal(err)
	}
	size, _ := aa.size(t.Context())
	f := common(t, desks)
	for range 2 {
		for _, c := range desks {
			if _, err := c.AdoptFile(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
	}
	it, err := aa.Load(t.Context(), sealed.Item)
	if err != nil {
		t.Fatal(err)
	}
	r, err := it.First().receipt()
	if err != nil || r == nil || !aa.trusted.Meets(r.Note, aa.Config.Origin, trust.Receipt) {
		t.Errorf("receipt %v, %v", r, err)
	}
	if n, _ := aa.size(t.Context()); n != size+2 {
		t.Errorf("%d leaves before, %d after: the list's hash and its epoch were to come", size, n)
	}
}

func TestAdoptRefuses(t *testing.T) {
	desks := apart(t, "AA", "BB", "CC")
	aa, bb, cc := desks[0], desks[1], desks[2]
	f := common(t, desks[:2])
	refused := func(name string, c *Created, f *trustlist.File, want error) {
		t.Helper()
		before, _ := c.TrustNote()
		if _, err := c.AdoptFile(t.Context(), f); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if after, _ := c.TrustNote(); !bytes.Equal(before, after) {
			t.Errorf("%s: another list is pinned", name)
		}
	}
	refused("a stranger's desk", cc, f, trustlist.ErrChain)
	only, err := aa.Propose(proposal(t, desks[:2]))
	if err != nil {
		t.Fatal(err)
	}
	refused("too few signatures", aa, only.File, trustlist.ErrChain)
	refused("without policies", aa, &trustlist.File{Note: f.Note}, trustlist.ErrNote)
	forged := &trustlist.File{Note: bytes.Clone(f.Note), Policies: f.Policies, Certs: f.Certs}
	forged.Note[bytes.LastIndexByte(forged.Note, ' ')+20] ^= 4
	if _, err := aa.AdoptFile(t.Context(), forged); err == nil {
		t.Error("a signature was changed")
	}
	for _, c := range desks[:2] {
		if _, err := c.AdoptFile(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	first, err := Found(t.Context(), cc.Now(), cc)
	if err == nil || first != nil {
		t.Error("a second first list was pinned")
	}
	old, err := cc.TrustNote()
	if err != nil {
		t.Fatal(err)
	}
	refused("an older one", bb, &trustlist.File{Note: old}, trustlist.ErrOlder)
	other := common(t, []*Created{cc, apart(t, "DD")[0]})
	refused("another of the same version", bb, other, trustlist.ErrConflict)
}

// A dry run reads everything and changes nothing.
func TestTrustDryRun(t *testing.T) {
	desks := apart(t, "AA", "BB")
	for _, c := range desks {
		c.DryRun = true
	}
	got, err := desks[0].Propose(proposal(t, desks))
	if err != nil || len(got.Signed) != 0 || got.Missing == "" || !bytes.HasSuffix(got.File.Note, []byte("\n\n")) {
		t.Fatalf("%+v, %v", got, err)
	}
	desks[0].DryRun, desks[1].DryRun = false, false
	f := common(t, desks)
	desks[0].DryRun = true
	size, _ := desks[0].size(t.Context())
	adopted, err := desks[0].AdoptFile(t.Context(), f)
	if err != nil || adopted.Leaf != "" || adopted.View.Version != 2 {
		t.Fatalf("%+v, %v", adopted, err)
	}
	if n, _ := desks[0].size(t.Context()); n != size || desks[0].trusted.List.Version != 1 {
		t.Error("a dry run logged or pinned")
	}
}

func TestProposeEdits(t *testing.T) {
	aa := apart(t, "AA")[0]
	cp, err := aa.book.writer.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := aa.Now().Add(time.Hour).Truncate(time.Second)
	got, err := aa.Propose(trustlist.Proposal{
		Lying: -1, NextUpdate: at.AddDate(0, 3, 0), MaxAge: 48 * time.Hour, Require: []int{1, 4},
		Revoke: []trustlist.Revoke{{Name: "AA-witness", Reason: "stolen", Good: [][]byte{cp}}},
		Retire: []trustlist.Retire{{Final: cp}}, End: []trustlist.End{{Name: "AA-auditor", At: at}},
		Void:      []trustlist.Void{{Digest: aa.Founder.Authority, Good: [][]byte{cp}}},
		Standards: []trust.Pin{{Name: "iso-27037/1", Digest: trust.Digest{1}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(got.Changes, "\n")
	for _, want := range []string{"+ require 1 4", "+ max-age 48h", "+ revoke ", "reason stolen", "+ log-retired ", "- auditor AA-auditor", "+ authority-compromised AA", "+ standard iso-27037/1"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among the changes:\n%s", want, all)
		}
	}
	if got.Missing != "" {
		t.Errorf("missing: %s", got.Missing)
	}
	for name, p := range map[string]trustlist.Proposal{
		"unknown cosigner":     {End: []trustlist.End{{Name: "nobody", At: at}}},
		"unknown key":          {Revoke: []trustlist.Revoke{{Name: "nobody", Reason: "x", Good: [][]byte{cp}}}},
		"no last good one":     {Revoke: []trustlist.Revoke{{Name: "AA-witness", Reason: "x"}}},
		"no checkpoint":        {Retire: []trustlist.Retire{{Final: []byte("x")}}},
		"unknown successor":    {Retire: []trustlist.Retire{{Final: cp, Successor: "nowhere"}}},
		"unknown authority":    {Void: []trustlist.Void{{Digest: trust.Digest{9}, Good: [][]byte{cp}}}},
		"no founder":           {Founders: [][]byte{[]byte("x")}},
		"signers":              {Signers: 2},
		"questions":            {Require: []int{4, 1}},
		"reason":               {Revoke: []trustlist.Revoke{{Name: "AA-witness", Reason: "Two Words", Good: [][]byte{cp}}}},
		"next-update too soon": {NextUpdate: aa.Now().AddDate(-1, 0, 0)},
	} {
		p.Lying = -1
		if _, err := aa.Propose(p); !errors.Is(err, trustlist.ErrProposal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNameCosigners(t *testing.T) {
	desks := apart(t, "AA", "BB")
	aa := desks[0]
	if err := errors.Join(aa.book.close(), aa.reopen()); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"its own": aa.path("cosigner"), "an empty folder": t.TempDir(), "no node": "http://far.example"} {
		if err := aa.NameCosigners(dir); !errors.Is(err, ErrCosignerFolder) {
			t.Errorf("%s: %v", name, err)
		}
	}
	theirs := desks[1].path("cosigner")
	if err := aa.NameCosigners(theirs, "https://cc.example"); err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(aa.Dir)
	if err != nil || len(c.Cosigners) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if got := aa.NamedCosigners(); len(got) != 2 || filepath.Clean(got[0]) != theirs || got[1] != "https://cc.example" {
		t.Errorf("%v, want %s", got, theirs)
	}
}

// A state that begins anew leaves nothing in force of what it had: neither its ledger nor
// its authority, whose keys somebody else may have.
func TestProposeBegunAnew(t *testing.T) {
	desks := apart(t, "AA", "BB")
	aa, bb := desks[0], desks[1]
	f := common(t, desks)
	if _, err := aa.AdoptFile(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	fresh, err := Create(t.Context(), CreateOptions{Dir: filepath.Join(ledgertest.Folder(t), "bb"), State: "BB", Origin: "custody.bb.example/ledger-2"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fresh.Close() })
	founder, _, err := fresh.FounderFile()
	if err != nil {
		t.Fatal(err)
	}
	last, err := bb.book.writer.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := trustlist.Proposal{Lying: -1, Founders: [][]byte{founder}}
	refused := func(what string) {
		t.Helper()
		if _, err := aa.Propose(p); !errors.Is(err, trustlist.ErrProposal) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("unasked")
	p.Rekey = []string{"BB"}
	refused("with its old ledger in force")
	p.Retire = []trustlist.Retire{{Final: last, Successor: "custody.bb.example/ledger-2"}}
	refused("with its old authority in force")
	p.Void = []trustlist.Void{{Digest: bb.Founder.Authority, Good: [][]byte{last}}}
	got, err := aa.Propose(p)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(got.Changes, "\n"); !strings.Contains(all, "+ state BB key ") || !strings.Contains(all, "+ log custody.bb.example/ledger-2 ") {
		t.Errorf("%s", all)
	}
}
