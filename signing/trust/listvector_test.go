package trust

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// A vector trust-*.txtar holds
//
//	list.note      the signed list
//	previous.note  optional: the list before it, trusted
//	ask.txt        optional: one question a line, put to the list once opened
//
// Questions: "log <origin> <size>", "witness|auditor <origin> <size> <name>
// <key id> <time>", "authority|tsa <digest> <time>", "enrol <digest> <origin> <index>".
func answerList(t *testing.T, v vector) string {
	var previous *List
	if b := v.file("previous.note"); b != nil {
		var err error
		if previous, err = Open(b, nil); err != nil {
			t.Fatal(err)
		}
	}
	l, err := Open(v.file("list.note"), previous)
	if err != nil {
		return errorName(t, err)
	}
	for line := range strings.Lines(string(v.file("ask.txt"))) {
		if err := ask(t, l, strings.Fields(line)); err != nil {
			return errorName(t, err)
		}
	}
	return "holds"
}

func ask(t *testing.T, l *List, w []string) error {
	t.Helper()
	number := func(s string) uint64 {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	clock := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	digest := func(s string) Digest {
		d, err := ParseDigest(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var err error
	switch w[0] {
	case "log":
		_, _, err = l.LogKey(w[1], number(w[2]))
	case "witness", "auditor":
		hash, bad := strconv.ParseUint(w[4], 16, 32)
		if bad != nil {
			t.Fatal(bad)
		}
		c := Cosignature{Origin: w[1], Size: number(w[2]), Name: w[3], Hash: uint32(hash), Time: clock(w[5])}
		if w[0] == "witness" {
			_, _, err = l.Witness(c)
		} else {
			_, _, err = l.Auditor(c)
		}
	case "authority":
		_, err = l.Authority(digest(w[1]), clock(w[2]))
	case "tsa":
		_, err = l.TSA(digest(w[1]), clock(w[2]))
	case "enrol":
		_, err = l.CheckEnrolment(digest(w[1]), w[2], number(w[3]))
	default:
		t.Fatalf("question %q", w)
	}
	return err
}

func errorName(t *testing.T, err error) string {
	t.Helper()
	for _, c := range []struct {
		err  error
		name string
	}{
		{ErrSignature, "fails:signature"},
		{ErrForm, "fails:form"},
		{ErrPolicy, "fails:policy"},
		{ErrQuorum, "undecided:quorum"},
		{ErrChain, "undecided:chain"},
		{ErrUnlisted, "undecided:unlisted"},
		{ErrOutside, "undecided:outside"},
		{ErrRevoked, "undecided:revoked"},
		{ErrSilent, "undecided:silent"},
	} {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	t.Fatalf("an error callers cannot tell: %v", err)
	return ""
}

func TestListVectors(t *testing.T) {
	made := make(map[string]vector)
	formVectors(t, made)
	signatureVectors(t, made)
	chainVectors(t, made)
	lookupVectors(t, made)
	runVectors(t, "trust-", made, answerList)
}

func listVector(expect, why string, list []byte, more ...txtar.File) vector {
	return vector{expect, why, append([]txtar.File{{Name: "list.note", Data: list}}, more...)}
}

// formVectors change the text of a good list and sign it again, so that nothing
// but the form is wrong.
func formVectors(t *testing.T, made map[string]vector) {
	l, _ := founded(t, 0, "AA", "BB")
	good, err := l.Text()
	if err != nil {
		t.Fatal(err)
	}
	made["two-states"] = listVector("holds", "List 1 of two states, signed by both.", signText(t, good, "AA", "BB"))
	stateKey := vkey(t, "AA", AlgEd25519)
	witness := vkey(t, "witness.aa.example", AlgCosignature)
	for _, c := range []struct{ name, why, from, to string }{
		{"other-format", "A format of a later version.", "custody-trust/v1", "custody-trust/v2"},
		{"version-zero", "Versions start with 1.", "version 1\n", "version 0\n"},
		{"version-leading-zero", "A number has one form.", "version 1\n", "version 01\n"},
		{"version-with-previous", "Version 1 has no list before it.", "previous none", "previous 0 " + DigestOf(nil).String()},
		{"comment", "A list has no comments.", "signers 2\n", "# both\nsigners 2\n"},
		{"two-spaces", "One space between words.", "signers 2", "signers  2"},
		{"trailing-space", "No space at the end.", "signers 2\n", "signers 2 \n"},
		{"tab", "No tab.", "signers 2", "signers\t2"},
		{"unknown-statement", "A statement nobody knows.", "signers 2\n", "signers 2\nsigners-max 3\n"},
		{"statement-twice", "max-age twice: readers differ on which one counts.", "max-age 24h\n", "max-age 24h\nmax-age 48h\n"},
		{"statement-missing", "No max-age.", "max-age 24h\n", ""},
		{"statement-order", "Statements stand in the order of the table.", "signers 2\nrequire 1 2 3 4 6\n", "require 1 2 3 4 6\nsigners 2\n"},
		{"time-offset", "Times are UTC with Z.", "2026-11-24T10:00:00Z\nnext", "2026-11-24T10:00:00+00:00\nnext"},
		{"time-fraction", "Whole seconds.", "2026-11-24T10:00:00Z\nnext", "2026-11-24T10:00:00.0Z\nnext"},
		{"next-update-first", "next-update before issued.", "next-update 2027", "next-update 2025"},
		{"signers-none", "A list that nobody has to sign.", "signers 2", "signers 0"},
		{"signers-too-many", "More signers than states: no next list could ever count.", "signers 2", "signers 3"},
		{"require-none", "Nothing required: every package would do.", "require 1 2 3 4 6", "require"},
		{"require-order", "Questions rise.", "require 1 2 3 4 6", "require 2 1 3 4 6"},
		{"require-ten", "The tenth question says what is not proven; it cannot be required.", "require 1 2 3 4 6", "require 1 2 3 4 10"},
		{"max-age-minutes", "Whole hours.", "max-age 24h", "max-age 24h0m"},
		{"max-age-zero", "No package could ever be fresh.", "max-age 24h", "max-age 0h"},
		{"state-lower-case", "State codes are A-Z.", "state AA key", "state aa key"},
		{"state-unknown", "A witness of a state the list does not have.", "witness AA-witness state AA", "witness AA-witness state CC"},
		{"key-id", "A verifier key whose id is not that of its name and key.", fmt.Sprintf("AA+%08x", stateKey.hash), "AA+00000000"},
		{"key-truncated", "A verifier key one character short.", stateKey.String(), stateKey.String()[:len(stateKey.String())-1]},
		{"cosigner-type", "A witness's key must make cosignatures; some readers turn type 1 into 4 in silence.", witness.String(), vkey(t, "witness.aa.example", AlgEd25519).String()},
		{"log-name", "A log's key bears the origin's name.", "log log.aa.example/1 state", "log log.cc.example/1 state"},
		{"two-roles", "One key as witness and auditor: it would count twice.", vkey(t, "auditor.aa.example", AlgCosignature).String(), witness.String()},
		{"policy-missing", "A log without its court policy.", line(good, "policy log.aa.example/1 court"), ""},
		{"policy-kind", "A third kind of policy.", "log.aa.example/1 receipt", "log.aa.example/1 appeal"},
		{"digest-upper-case", "Digests are lower case.", DigestOf([]byte("certificate of AA")).String(), "sha256:" + strings.ToUpper(DigestOf([]byte("certificate of AA")).Hex())},
		{"window-reversed", "An authority that ends before it starts.", " from 2026-11-24T10:00:00Z to open\nauthority BB", " from 2026-11-24T10:00:00Z to 2026-11-24T09:59:59Z\nauthority BB"},
		{"authority-twice", "One certificate for two states.", DigestOf([]byte("certificate of BB")).String(), DigestOf([]byte("certificate of AA")).String()},
		{"tsa-authority", "A certificate that vouches for officers and for times.", "policy log.aa.example/1 court",
			"tsa AA " + DigestOf([]byte("certificate of AA")).String() + " from 2026-11-24T10:00:00Z to open\npolicy log.aa.example/1 court"},
		{"tsa-state-unknown", "A timestamp authority of a state that is not listed.", "policy log.aa.example/1 court",
			"tsa CC " + DigestOf([]byte("time")).String() + " from 2026-11-24T10:00:00Z to open\npolicy log.aa.example/1 court"},
		{"tsa-window-reversed", "A timestamp authority that ends before it starts.", "policy log.aa.example/1 court",
			"tsa AA " + DigestOf([]byte("time")).String() + " from 2026-11-24T10:00:00Z to 2026-11-24T09:59:59Z\npolicy log.aa.example/1 court"},
		{"tsa-order", "A timestamp authority after the policies.", lastLine(good), lastLine(good) + "tsa AA " + DigestOf([]byte("time")).String() + " from 2026-11-24T10:00:00Z to open\n"},
		{"compromised-other-state", "An authority has no say in another state's log.", "policy log.aa.example/1 court",
			"authority-compromised AA " + DigestOf([]byte("certificate of AA")).String() + " good-until log.bb.example/1 5 " + rootText(5) + "\npolicy log.aa.example/1 court"},
		{"revoked-unknown", "A revoked key that is nobody's.", "policy log.aa.example/1 court",
			"revoke " + vkey(t, "stranger.example", AlgCosignature).String() + " reason compromise good-until log.aa.example/1 5 " + rootText(5) + "\npolicy log.aa.example/1 court"},
		{"retired-unknown-successor", "The successor of a retired log must be listed.", "witness AA-witness",
			"log-retired log.aa.example/1 last 5 " + rootText(5) + " successor log.aa.example/2\nwitness AA-witness"},
		{"log-two-states", "One ledger of two states.", "log log.bb.example/1", "log log.bb.example/1 state AA vkey " + moved(t, "second.bb", bbLog) + " from-size 9\nlog log.bb.example/1"},
		{"log-state-key", "One key for lists and checkpoints.", vkey(t, aaLog, AlgEd25519).String(), moved(t, "AA", aaLog)},
		{"log-two-keys", "Two keys of one ledger from one size on.", "witness AA-witness", "log log.bb.example/1 state BB vkey " + moved(t, "second.bb", bbLog) + " from-size 0\nwitness AA-witness"},
		{"cosigner-twice", "Two cosigners of one name.", "auditor BB-auditor", "auditor BB-witness"},
		{"revoked-other-log", "A ledger's key signs for no other ledger.", "policy log.aa.example/1 court",
			"revoke " + vkey(t, bbLog, AlgEd25519).String() + " reason compromise good-until log.aa.example/1 5 " + rootText(5) + "\npolicy log.aa.example/1 court"},
		{"revoked-twice", "Two last good checkpoints for one key and ledger.", "policy log.aa.example/1 court",
			"revoke " + witness.String() + " reason compromise good-until log.bb.example/1 5 " + rootText(5) + "\n" +
				"revoke " + witness.String() + " reason compromise good-until log.bb.example/1 6 " + rootText(6) + "\npolicy log.aa.example/1 court"},
		{"compromised-twice", "Two last good checkpoints for one authority and ledger.", "policy log.aa.example/1 court",
			"authority-compromised AA " + DigestOf([]byte("certificate of AA")).String() + " good-until log.aa.example/1 5 " + rootText(5) + "\n" +
				"authority-compromised AA " + DigestOf([]byte("certificate of AA")).String() + " good-until log.aa.example/1 6 " + rootText(6) + "\npolicy log.aa.example/1 court"},
		{"retired-successor-itself", "A ledger that succeeds itself.", "witness AA-witness",
			"log-retired log.aa.example/1 last 5 " + rootText(5) + " successor log.aa.example/1\nwitness AA-witness"},
		{"retired-twice", "Two final checkpoints of one ledger.", "witness AA-witness",
			"log-retired log.aa.example/1 last 5 " + rootText(5) + " successor none\nlog-retired log.aa.example/1 last 6 " + rootText(6) + " successor none\nwitness AA-witness"},
		{"state-twice", "Two keys of one state would be two signers.", "log log.aa.example/1", "state BB key " + vkey(t, "BB2", AlgEd25519).String() + "\nlog log.aa.example/1"},
		{"standard-twice", "Two digests for one version of a standard.", lastLine(good), lastLine(good) +
			"standard device/1 " + DigestOf([]byte("a")).String() + "\nstandard device/1 " + DigestOf([]byte("b")).String() + "\n"},
	} {
		if strings.Count(good, c.from) == 0 {
			t.Fatalf("%s: nothing to replace", c.name)
		}
		bad := strings.Replace(good, c.from, c.to, 1)
		made["form-"+c.name] = listVector("fails:form", c.why, signText(t, bad, "AA", "BB"))
	}
	// Lines within one kind stand in bytewise order.
	a, b := line(good, "state AA"), line(good, "state BB")
	swapped := strings.Replace(good, a+b, b+a, 1)
	made["form-line-order"] = listVector("fails:form", "State BB before state AA.", signText(t, swapped, "AA", "BB"))
}

func line(text, prefix string) string {
	i := strings.Index(text, "\n"+prefix) + 1
	return text[i : i+strings.IndexByte(text[i:], '\n')+1]
}

func lastLine(text string) string {
	return text[strings.LastIndexByte(text[:len(text)-1], '\n')+1:]
}

// moved is the type 1 key of one name under another name.
func moved(t testing.TB, from, to string) string {
	k, err := newVKey(to, AlgEd25519, []byte(vkey(t, from, AlgEd25519).key))
	if err != nil {
		t.Fatal(err)
	}
	return k.String()
}

func rootText(n byte) string { return strings.Fields(Point{Root: DigestOf([]byte{n})}.String())[1] }

func signatureVectors(t *testing.T, made map[string]vector) {
	l, _ := founded(t, 0, "AA", "BB")
	text, err := l.Text()
	if err != nil {
		t.Fatal(err)
	}
	both := string(signText(t, text, "AA", "BB"))
	made["one-signer"] = listVector("undecided:quorum", "Two signers needed, one signed.", signText(t, text, "AA"))
	made["strangers"] = listVector("undecided:quorum", "Signed by keys that are no state's: a list in a package cannot vouch for itself (rule P10).", signText(t, text, "XX", "YY"))
	made["stranger-too"] = listVector("holds", "A signature nobody knows beside enough known ones: a later kind of signature, to be ignored.", signText(t, text, "AA", "BB", "ZZ"))
	made["text-changed"] = listVector("fails:signature", "max-age changed after signing.", []byte(strings.Replace(both, "max-age 24h", "max-age 72h", 1)))
	sig := lastLine(both)
	made["signature-twice"] = listVector("fails:form", "One state's signature twice.", []byte(both+sig))
	made["signature-spaced"] = listVector("fails:form", "Two spaces in a signature line.", []byte(strings.Replace(both, "— BB ", "— BB  ", 1)))
	made["signature-unpadded"] = listVector("fails:form", "Signature in unpadded base64.", []byte(strings.TrimRight(both, "=\n")+"\n"))
	made["no-signatures"] = listVector("fails:form", "The text alone.", []byte(text))
}

func chainVectors(t *testing.T, made map[string]vector) {
	one, _ := founded(t, 0, "AA", "BB", "CC")
	one.Signers = 2
	first := opened(t, one, nil, "AA", "BB", "CC")
	previous := txtar.File{Name: "previous.note", Data: first.Note()}
	add := func(name, expect, why string, change func(*List), states ...string) {
		l := next(first)
		change(l)
		text, err := l.Text()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		made[name] = listVector(expect, why, signText(t, text, states...), previous)
	}
	same := func(*List) {}
	add("next", "holds", "Version 2, signed by two of the three states.", same, "AA", "BB")
	add("next-one-signer", "undecided:quorum", "Version 2, signed by one of two needed.", same, "AA")
	add("next-version-skipped", "undecided:chain", "Version 3 after version 1.", func(l *List) { l.Version++ }, "AA", "BB")
	add("next-other-previous", "undecided:chain", "Version 2 of another version 1.", func(l *List) { l.Previous[0]++ }, "AA", "BB")
	add("next-issued-earlier", "undecided:chain", "Issued before the list it follows.", func(l *List) { l.Issued = day.Add(-time.Second) }, "AA", "BB")

	// All states replaced: only the old ones can hand over.
	replace := func(l *List) {
		f, _ := founded(t, 0, "DD", "EE")
		keep := *l
		*l = *f
		l.Version, l.Previous, l.Issued, l.NextUpdate = keep.Version, keep.Previous, keep.Issued, keep.NextUpdate
	}
	add("coup", "undecided:quorum", "Version 2 makes other states of them all and is signed by those alone.", replace, "DD", "EE")
	add("handed-over", "holds", "The same, signed by two of the old states as well.", replace, "AA", "BB", "DD", "EE")
	add("not-taken", "undecided:quorum", "The same, signed by the old states alone: the new ones have not agreed.", replace, "AA", "BB")
}
