package verify

import (
	"fmt"
)

// specs names the page that says what each check holds things against.
var specs = map[string]string{
	checkEnvelope:  "spec/event.md#envelope",
	checkSignature: "spec/event.md#envelope",
	checkEnrolled:  "spec/event.md#handoff",
	checkPeriod:    "spec/event.md#roles-and-acts",
	checkAllowed:   "spec/event.md#roles-and-acts",

	checkRecord:  "spec/record.md#view",
	checkSize:    "spec/content.md",
	checkTree:    "spec/content.md",
	checkSHA256:  "spec/content.md",
	checkSHA512:  "spec/content.md",
	checkSecond:  "spec/content.md",
	checkInside:  "spec/package.md",
	checkNothing: "spec/record.md#fields",
	checkReaders: "spec/package.md",

	checkSeq:       "spec/event.md#payload",
	checkPrevious:  "spec/event.md#payload",
	checkStructure: "spec/event.md#roles-and-acts",
	checkGap:       "spec/verdict.md",
	checkParent:    "spec/event.md#handoff",

	checkIncluded:  "spec/leaf.md#leaf",
	checkCloses:    "spec/leaf.md#seal",
	checkAccounted: "spec/leaf.md#map-of-closed-seals",
	checkUnbroken:  "spec/leaf.md#map-of-closed-seals",
	checkEpoch:     "spec/leaf.md#epoch",
	checkFreshness: "spec/verdict.md",
	checkErased:    "spec/package.md",

	checkAfter:   "spec/event.md#payload",
	checkBefore:  "spec/leaf.md#receipt",
	checkClaimed: "spec/event.md#payload",
	checkToken:   "spec/time.md#token",
	checkStamp:   "spec/time.md#token",
	checkCAdES:   "spec/time.md#signature",
	checkArchive: "spec/time.md#archive-timestamp",

	checkLog:   "spec/trust.md",
	checkCourt: "spec/trust.md#policies",
	checkPlain: "spec/trust.md#policies",

	checkAnchor: "spec/anchor.md#in-a-package",
	checkAlarm:  "spec/anchor.md#in-a-package",

	checkStandard:  "spec/event.md#payload",
	checkAuthority: "spec/record.md#fields",
	checkWithheld:  "spec/record.md#view",
	checkLimits:    "spec/request.md#use-limits",
	checkSteps:     "spec/request.md#steps",
	checkClock:     "spec/request.md#deadlines",
	checkDelivery:  "spec/request.md#completeness-of-a-set",
	checkNotProven: "spec/verdict.md",

	checkMalformed: "spec/container.md#reading",
	checkTruncated: "spec/container.md#reading",
	checkLimit:     "spec/package.md",
	checkChecksum:  "spec/container.md#reading",
	checkDigest:    "spec/container.md#reading",
	checkDossier:   "spec/package.md",
	checkManifest:  "spec/package.md",
	checkItems:     "spec/package.md",
	checkPacker:    "spec/package.md",
	checkRegisters: "spec/package.md",
	checkBag:       "spec/package.md#bag",
	checkList:      "spec/trust.md",
	checkSender:    "spec/verdict.md",
}

// Names of checks (spec/verdict.md). They are stable.
const (
	checkRecord  = "record.root"
	checkSize    = "content.size"
	checkTree    = "content.tree"
	checkSHA256  = "content.sha256"
	checkSHA512  = "content.sha512"
	checkSecond  = "content.second"
	checkInside  = "content.enclosed"
	checkNothing = "content.none"
	checkReaders = "content.readers"

	checkEnvelope  = "envelope.form"
	checkSignature = "signature"
	checkEnrolled  = "key.enrolled"
	checkPeriod    = "key.period"
	checkAllowed   = "act.allowed"

	checkSeq       = "chain.seq"
	checkPrevious  = "chain.previous"
	checkStructure = "custody.structure"
	checkGap       = "custody.gap"
	checkParent    = "custody.parent"

	checkIncluded  = "leaf.included"
	checkCloses    = "seal.closes"
	checkAccounted = "seal.accounted"
	checkUnbroken  = "seal.unbroken"
	checkEpoch     = "epoch.form"
	checkFreshness = "freshness"
	checkErased    = "erased"

	checkAfter   = "time.after"
	checkBefore  = "time.before"
	checkClaimed = "time.claimed"
	checkToken   = "time.token"
	checkStamp   = "package.timestamp"
	checkCAdES   = "package.cades"
	checkArchive = "package.archive"

	checkLog   = "checkpoint.log"
	checkCourt = "checkpoint.court"
	checkPlain = "checkpoint.receipt"

	checkAnchor = "channel.anchor"
	checkAlarm  = "channel.alarm"

	checkStandard  = "standard"
	checkAuthority = "authority"
	checkWithheld  = "withheld"
	checkLimits    = "limits.kept"
	checkSteps     = "request.steps"
	checkClock     = "request.clock"
	checkDelivery  = "request.inventory"
	checkNotProven = "not.proven"

	checkMalformed = "malformed"
	checkTruncated = "truncated"
	checkLimit     = "limit"
	checkChecksum  = "checksum"
	checkDigest    = "digest"
	checkDossier   = "dossier.form"
	checkManifest  = "package.manifest"
	checkItems     = "package.items"
	checkPacker    = "package.signature"
	checkRegisters = "package.registers"
	checkBag       = "package.bag"
	checkList      = "trust.list"
	checkSender    = "sender.verdict"
)

// result is what one check found by itself, before what it rests on is asked.
type result struct {
	status Status
	detail string
	proof  Proof
}

func holds(format string, args ...any) result {
	return result{status: Holds, detail: fmt.Sprintf(format, args...)}
}

func undecided(format string, args ...any) result {
	return result{status: Undecided, detail: fmt.Sprintf(format, args...)}
}

func notApplicable(format string, args ...any) result {
	return result{status: NotApplicable, detail: fmt.Sprintf(format, args...)}
}

func fails(proof Proof, format string, args ...any) result {
	return result{status: Fails, detail: fmt.Sprintf(format, args...), proof: proof}
}

// conclude makes a finding of a check's own result and of what it rests on.
//
// What rests on a check that fails is undecided, whatever it found by itself.
// What rests on an undecided one never holds; it fails if it is wrong by itself,
// because the package then contradicts itself whoever is to be believed.
func conclude(check, subject string, r result, on ...*Finding) *Finding {
	f := &Finding{Check: check, Detail: r.detail, Proof: r.proof, Spec: specs[check], Status: r.status, Subject: subject}
	if r.status == NotApplicable {
		return f
	}
	for _, d := range on {
		if d != nil && d.Status == Fails {
			return f.rest(d)
		}
	}
	for _, d := range on {
		if d != nil && d.Status == Undecided && r.status == Holds {
			return f.rest(d)
		}
	}
	return f
}

// want is [conclude] for a check that may be undecided because it lacks what other
// checks would show: then it rests on the first of those that shows it not.
func want(from []*Finding, f *Finding, r result) *Finding {
	if r.status != Undecided || f.Detail != r.detail {
		return f
	}
	for _, d := range from {
		if d != nil && (d.Status == Fails || d.Status == Undecided) {
			return f.rest(d)
		}
	}
	return f
}

// restsOn begins the detail of every finding that is undecided because of another.
const restsOn = "rests on "

// rest makes f undecided because of d.
func (f *Finding) rest(d *Finding) *Finding {
	f.Status, f.Proof = Undecided, nil
	f.Detail = fmt.Sprintf(restsOn+"%s of %s, which is undecided", d.Check, d.Subject)
	if d.Status == Fails {
		f.Detail = fmt.Sprintf(restsOn+"%s of %s, which fails", d.Check, d.Subject)
	}
	return f
}

// all returns one finding that stands for several: the first that fails, else
// the first undecided, else the first. It is nil for none.
func all(findings ...*Finding) *Finding {
	var first, worst *Finding
	for _, f := range findings {
		switch {
		case f == nil:
		case f.Status == Fails:
			return f
		case f.Status == Undecided && worst == nil:
			worst = f
		case first == nil:
			first = f
		}
	}
	if worst != nil {
		return worst
	}
	return first
}

// statusOf returns the status of a question (spec/verdict.md). A plain digest
// that was not recomputed is undecided for itself and not for the question: the
// content tree and the record decide that.
func statusOf(findings []Finding) Status {
	count := map[Status]int{}
	for _, f := range findings {
		if f.Status == Undecided && (f.Check == checkSHA256 || f.Check == checkSHA512) {
			continue
		}
		count[f.Status]++
	}
	switch {
	case count[Fails] > 0:
		return Fails
	case count[Undecided] > 0:
		return Undecided
	case count[Holds] > 0:
		return Holds
	}
	return NotApplicable
}
