package verify_test

import "slices"

// testCase is one dossier with the answer that the verifier must give.
type testCase struct {
	name string // begins with the rule it is about: p04-…; x-… for what no rule says alone
	side side
	says string // what is right or wrong about it, one sentence
	make func() outcome
}

// side says whether a case keeps its rule or breaks it.
type side string

const (
	holding  side = "holding"
	breaking side = "breaking"
)

// cases is the table of everything that must hold and everything that must not.
func cases() []testCase {
	return slices.Concat(sealCases(), closingCases(), recordCases(), keyCases(), custodyCases(), trustCases(), timeCases(), tokenCases(), channelCases(), standardCases(), listCases(), formCases(), requestCases())
}
