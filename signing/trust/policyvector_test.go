package trust

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// A vector policy-*.txtar holds
//
//	policy.txt   the policy's text
//	list.txt     what a trust list says about it, one statement a line: "own <state>",
//	             "kind receipt|court", "f <F>", "witness|auditor <state> <vkey>"
//	signed.txt   optional: the names of the witness lines whose cosignatures a
//	             checkpoint has; expected are then holds or undecided:cosignatures
func answerPolicy(t *testing.T, v vector) string {
	text := v.file("policy.txt")
	p, err := ParsePolicy(text)
	if err != nil {
		return errorName(t, err)
	}
	l, kind := policyList(t, string(v.file("list.txt")), p.Log, text)
	if p, err = l.Policy(p.Log.Name(), kind, text); err != nil {
		return errorName(t, err)
	}
	if names := v.file("signed.txt"); names != nil {
		signed := make(map[VKey]bool)
		for _, n := range strings.Fields(string(names)) {
			signed[p.Members[p.index[n]].Key] = true
		}
		if !p.Satisfied(func(k VKey) bool { return signed[k] }) {
			return "undecided:cosignatures"
		}
	}
	return "holds"
}

// policyList makes as much of a list as a policy is checked against.
func policyList(t *testing.T, statements string, log VKey, text []byte) (*List, PolicyKind) {
	t.Helper()
	l := &List{Logs: []Log{{Origin: log.Name(), Key: log}}}
	var kind PolicyKind
	court := PolicyPin{Origin: log.Name(), Kind: Court, Digest: DigestOf(text)}
	for s := range strings.Lines(statements) {
		w := strings.Fields(s)
		switch w[0] {
		case "own":
			l.Logs[0].State = w[1]
		case "kind":
			kind = PolicyKind(w[1])
		case "f":
			f, err := strconv.Atoi(w[1])
			if err != nil {
				t.Fatal(err)
			}
			court.F = f
		case "witness", "auditor":
			k, err := ParseVKey(w[2])
			if err != nil {
				t.Fatal(err)
			}
			c := Cosigner{State: w[1], Key: k}
			if w[0] == "witness" {
				l.Witnesses = append(l.Witnesses, c)
			} else {
				l.Auditors = append(l.Auditors, c)
			}
		}
	}
	receipt := court
	receipt.Kind = Receipt
	l.Policies = []PolicyPin{court, receipt}
	return l, kind
}

func TestPolicyVectors(t *testing.T) {
	made := make(map[string]vector)
	policyForms(t, made)
	policyStrengths(t, made)
	policyQuorums(t, made)
	runVectors(t, "policy-", made, answerPolicy)
}

// others are the states beside AA, whose ledger the policies are about.
var others = []string{"BB", "CC", "DD", "EE", "FF", "GG", "HH"}

func witnessKey(t testing.TB, s string) VKey {
	return vkey(t, "witness."+strings.ToLower(s)+".example", AlgCosignature)
}
func auditorKey(t testing.TB, s string) VKey {
	return vkey(t, "auditor."+strings.ToLower(s)+".example", AlgCosignature)
}

// policyText expands a short policy: "<BB>" is BB's witness key, "<bb>" its
// auditor key, "<AA1>" a log's key.
func policyText(t testing.TB, short string) []byte {
	r := []string{"<AA1>", vkey(t, aaLog, AlgEd25519).String()}
	for _, s := range append([]string{"AA"}, others...) {
		r = append(r, "<"+s+">", witnessKey(t, s).String(), "<"+strings.ToLower(s)+">", auditorKey(t, s).String())
	}
	return []byte(strings.NewReplacer(r...).Replace(short))
}

func listText(t testing.TB, kind PolicyKind, f int) []byte {
	b := fmt.Appendf(nil, "own AA\nkind %s\nf %d\n", kind, f)
	for _, s := range append([]string{"AA"}, others...) {
		b = fmt.Appendf(b, "witness %s %s\nauditor %s %s\n", s, witnessKey(t, s), s, auditorKey(t, s))
	}
	return b
}

func policyVector(t *testing.T, expect, why, short string, kind PolicyKind, f int, signed ...string) vector {
	v := vector{expect, why, []txtar.File{{Name: "policy.txt", Data: policyText(t, short)}, {Name: "list.txt", Data: listText(t, kind, f)}}}
	if signed != nil {
		v.files = append(v.files, txtar.File{Name: "signed.txt", Data: []byte(strings.Join(signed, "\n") + "\n")})
	}
	return v
}

const plainPolicy = "log <AA1>\nwitness BB <BB>\nwitness CC <CC>\ngroup states all BB CC\nquorum states\n"

func policyForms(t *testing.T, made map[string]vector) {
	made["plain"] = policyVector(t, "holds", "Two states, both must sign.", plainPolicy, Receipt, 0)
	made["comments"] = policyVector(t, "holds", "Comments are whole lines; tabs separate too; empty lines are skipped.",
		"# ledger of AA\nlog\t<AA1>\n\nwitness BB\t<BB>\nwitness CC <CC>\n#\ngroup states 2 BB CC\nquorum states\n", Receipt, 0)
	for _, c := range []struct{ name, why, from, to string }{
		{"comment-behind", "A comment behind a statement.", "quorum states\n", "quorum states # both\n"},
		{"two-spaces", "Two spaces.", "quorum states", "quorum  states"},
		{"indented", "A space before a statement.", "quorum", " quorum"},
		{"carriage-return", "Lines end with LF alone.", "quorum states\n", "quorum states\r\n"},
		{"control-character", "A control character, even in a comment.", "quorum", "# \x7f\nquorum"},
		{"no-break-space", "White space is space and tab only.", "quorum states", "quorum\u00a0states"},
		{"url", "A URL: where a witness is found is no part of what is trusted.", "<BB>\n", "<BB> https://witness.bb.example/\n"},
		{"no-log", "No log line.", "log <AA1>\n", ""},
		{"two-logs", "Two log lines.", "log <AA1>\n", "log <AA1>\nlog <AA1>\n"},
		{"log-cosigner-key", "A witness's key as the log's.", "log <AA1>", "log <DD>"},
		{"witness-log-key", "A witness with a type 1 key, which some readers turn into type 4.", "<BB>", vkey(t, "witness.bb.example", AlgEd25519).String()},
		{"no-quorum", "No quorum line.", "quorum states\n", ""},
		{"two-quorums", "Two quorum lines: readers differ on which one counts.", "quorum states\n", "quorum states\nquorum BB\n"},
		{"after-quorum", "A statement after the quorum.", "quorum states\n", "quorum states\nwitness DD <DD>\n"},
		{"quorum-undefined", "A quorum that is not defined.", "quorum states", "quorum state"},
		{"name-twice", "One name for two keys.", "witness CC", "witness BB"},
		{"key-twice", "One key under two names would sign for two states.", "<CC>", "<BB>"},
		{"key-renamed", "The same key with another key name is still the same key.", "<CC>", renamed(t, "BB", "witness.cc.example")},
		{"name-keyword", "A keyword as a name.", "witness BB <BB>\nwitness CC <CC>\ngroup states all BB", "witness any <BB>\nwitness CC <CC>\ngroup states all any"},
		{"name-character", "A character no name has.", "witness BB", "witness B!"},
		{"used-before-defined", "A group before its members.", "witness CC <CC>\ngroup states all BB CC\n", "group states all BB CC\nwitness CC <CC>\n"},
		{"member-of-itself", "A group that is its own member.", "all BB CC", "all BB CC states"},
		{"member-twice", "One member twice in a group.", "all BB CC", "2 BB BB"},
		{"member-of-two", "One member in two groups.", "group states all BB CC\n", "group one all BB CC\ngroup states all one CC\n"},
		{"no-members", "A group of nobody.", "all BB CC", "all"},
		{"threshold-zero", "A threshold that asks nothing.", "all BB CC", "0 BB CC"},
		{"threshold-too-high", "More than there are.", "all BB CC", "3 BB CC"},
		{"threshold-leading-zero", "A number has one form.", "all BB CC", "02 BB CC"},
		{"threshold-sign", "A number has no sign.", "all BB CC", "+2 BB CC"},
		{"unknown-keyword", "A statement nobody knows.", "quorum", "expires 2030\nquorum"},
		{"keyword-case", "Keywords are lower case.", "quorum", "Quorum"},
	} {
		if !strings.Contains(plainPolicy, c.from) {
			t.Fatalf("%s: nothing to replace", c.name)
		}
		made["form-"+c.name] = policyVector(t, "fails:form", c.why, strings.Replace(plainPolicy, c.from, c.to, 1), Receipt, 0)
	}
}

func renamed(t testing.TB, state, name string) string {
	k, err := newVKey(name, AlgCosignature, []byte(witnessKey(t, state).key))
	if err != nil {
		t.Fatal(err)
	}
	return k.String()
}

// seven is a court policy of seven other states: q of their witnesses and a of
// their auditors.
func seven(q, a int) string {
	var b, w, u strings.Builder
	fmt.Fprintf(&w, "group witnesses %d", q)
	fmt.Fprintf(&u, "group auditors %d", a)
	b.WriteString("log <AA1>\n")
	for _, s := range others {
		fmt.Fprintf(&b, "witness %s-w <%s>\nwitness %s-a <%s>\n", s, s, s, strings.ToLower(s))
		fmt.Fprintf(&w, " %s-w", s)
		fmt.Fprintf(&u, " %s-a", s)
	}
	return b.String() + w.String() + "\n" + u.String() + "\ngroup court all witnesses auditors\nquorum court\n"
}

func policyStrengths(t *testing.T, made map[string]vector) {
	one := "log <AA1>\nwitness BB <BB>\nquorum BB\n"
	for _, c := range []struct {
		name, expect, why, text string
		kind                    PolicyKind
		f                       int
	}{
		{"two-states", "holds", "Two states: each cosigns the other, n = q = 1, f = 0.", one, Receipt, 0},
		{"two-states-one-lies", "fails:policy", "n = q = 1, f = 1: 1 is not more than (1+1)/2.", one, Receipt, 1},
		{"three-states", "holds", "Three states: n = q = 2, f = 1.", plainPolicy, Receipt, 1},
		{"three-states-any", "fails:policy", "n = 2, q = 1, f = 0: two disjoint views are possible.", strings.Replace(plainPolicy, "all", "any", 1), Receipt, 0},
		{"seven-five", "holds", "n = 7, q = 5, f = 2, three auditors.", seven(5, 3), Court, 2},
		{"seven-four", "fails:policy", "n = 7, q = 4, f = 2: 4 is not more than 4.5.", seven(4, 3), Court, 2},
		{"seven-three-lie", "fails:policy", "n = 7, q = 5, f = 3: 5 is not more than 5.", seven(5, 4), Court, 3},
		{"two-auditors", "fails:policy", "f = 2 asks for three auditors, so that one of them is honest.", seven(5, 2), Court, 2},
		{"court-without-auditors", "fails:policy", "A court policy of witnesses alone.", plainPolicy, Court, 0},
		{"receipt-with-auditor", "fails:policy", "A receipt policy of auditors: their work is not needed for a receipt.", "log <AA1>\nwitness BB <bb>\nquorum BB\n", Receipt, 0},
		{"receipt-with-auditor-too", "fails:policy", "An auditor beside enough witnesses.", "log <AA1>\nwitness BB <BB>\nwitness CC <CC>\nwitness aud <bb>\ngroup g all BB CC aud\nquorum g\n", Receipt, 0},
		{"own-state", "fails:policy", "A log's own state does not count in its quorum.", "log <AA1>\nwitness AA <AA>\nwitness BB <BB>\ngroup g all AA BB\nquorum g\n", Receipt, 0},
		{"unlisted-witness", "fails:policy", "A witness the list does not name.", strings.Replace(one, "<BB>", vkey(t, "stranger.example", AlgCosignature).String(), 1), Receipt, 0},
		{"one-state-two-keys", "fails:policy", "Two keys of one state are one state: q = 1 of n = 2.", "log <AA1>\nwitness BB <BB>\nwitness BB2 " + second + "\nwitness CC <CC>\ngroup states 2 BB BB2 CC\nquorum states\n", Receipt, 0},
		{"none", "holds", "quorum none is well formed; what rests on it is said and undecided.", "log <AA1>\nquorum none\n", Court, 0},
	} {
		v := policyVector(t, c.expect, c.why, c.text, c.kind, c.f)
		v.files[0].Data = []byte(strings.ReplaceAll(string(v.files[0].Data), second, secondKey(t).String()))
		if strings.Contains(c.text, second) {
			v.files[1].Data = fmt.Appendf(v.files[1].Data, "witness BB %s\n", secondKey(t))
		}
		made["strength-"+c.name] = v
	}
}

const second = "<second witness of BB>"

func secondKey(t testing.TB) VKey { return vkey(t, "witness2.bb.example", AlgCosignature) }

func policyQuorums(t *testing.T, made map[string]vector) {
	names := func(kind string, states ...string) (out []string) {
		for _, s := range states {
			out = append(out, s+"-"+kind)
		}
		return out
	}
	auditors := names("a", others[:3]...)
	for _, c := range []struct {
		name, expect, why string
		signed            []string
	}{
		{"enough", "holds", "Five witnesses and three auditors of seven states.", append(names("w", others[:5]...), auditors...)},
		{"other-states", "holds", "Auditors of other states than the witnesses.", append(names("w", others[2:]...), auditors...)},
		{"four-witnesses", "undecided:cosignatures", "Four witnesses of five.", append(names("w", others[:4]...), auditors...)},
		{"two-auditors", "undecided:cosignatures", "Two auditors of three.", append(names("w", others...), auditors[:2]...)},
		{"no-auditors", "undecided:cosignatures", "All witnesses and no auditor.", names("w", others...)},
	} {
		made["quorum-"+c.name] = policyVector(t, c.expect, c.why, seven(5, 3), Court, 2, c.signed...)
	}
	made["quorum-none"] = policyVector(t, "holds", "Nobody signed and nobody had to.", "log <AA1>\nquorum none\n", Court, 0, "")
}
