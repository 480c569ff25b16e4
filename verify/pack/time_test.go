package pack_test

import (
	"bytes"
	"errors"
	"maps"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// proving is a dossier with timestamp tokens and a second list whose hash is in a
// ledger.
func proving(testing.TB) *pack.Dossier {
	w, _, item := world()
	tsa := verifytest.NewTSA("AA")
	next := w.Next(func(*trust.List) {})
	log := w.State("AA").Log
	at := pack.LeafPlace{Origin: log.Origin, Index: log.Append(ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(next.Digest())))}
	log.Epoch()
	w.Refresh()
	b := w.Builder(nil, item)
	b.Lists = append(b.Lists, next.Note())
	b.Logged = map[uint64]pack.LeafPlace{2: at}
	b.Tokens = [][]byte{tsa.Token(item.Events[0].Held.Receipt.Note, w.Now), tsa.Token([]byte("something else"), w.Now), []byte("no token")}
	return w.Build(b, []pack.ItemLine{{Item: item.ID}})
}

// Tokens and proofs of lists are written and read; what is about nothing is left
// out, and what is not where it belongs is refused.
func TestTokensAndLists(t *testing.T) {
	d := proving(t)
	files := encode(t, d)
	again, err := pack.Decode(files)
	if err != nil || len(again.Tokens) != 1 || !maps.EqualFunc(again.Tokens, d.Tokens, bytes.Equal) {
		t.Fatalf("%d tokens, %v", len(again.Tokens), err)
	}
	proven := 0
	for _, l := range again.Logs {
		for _, x := range l.Lists {
			if x.Version == 2 && l.Origin == "log.AA.example/1" {
				proven++
			}
		}
	}
	if proven != 1 {
		t.Errorf("%d proofs of list 2", proven)
	}
	carried, err := pack.Carried(again, "log.AA.example/1")
	if err != nil {
		t.Fatal(err)
	}
	var b pack.Builder
	if err := b.AddFrom(again, func(evidence.ItemID) bool { return true }); err != nil {
		t.Fatal(err)
	}
	others := []pack.Prover{carried}
	for _, l := range again.Logs {
		if p, err := pack.Carried(again, l.Origin); err == nil && l.Origin != "log.AA.example/1" {
			others = append(others, p)
		}
	}
	handedOn, err := b.Build(t.Context(), again.Items, others...)
	if err != nil || len(handedOn.Tokens) != 1 || len(handedOn.Log("log.AA.example/1").Lists) != 1 {
		t.Errorf("handed on: %+v, %v", handedOn, err)
	}
	for name, change := range map[string]func(map[string][]byte){
		"a token under another name": func(f map[string][]byte) { f[pack.TokenName(evidence.Hash{1})] = []byte("x") },
		"a token without a digest":   func(f map[string][]byte) { f["proof/token-1.tst"] = []byte("x") },
		"a list twice": func(f map[string][]byte) {
			at := bytes.Index(f[pack.LogsName], []byte(`"lists":[`)) + len(`"lists":[`)
			one := f[pack.LogsName][at : at+bytes.IndexByte(f[pack.LogsName][at:], '}')+1]
			f[pack.LogsName] = bytes.Replace(f[pack.LogsName], one, append(append(bytes.Clone(one), ','), one...), 1)
		},
	} {
		f := maps.Clone(files)
		change(f)
		if _, err := pack.Decode(f); !errors.Is(err, pack.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
