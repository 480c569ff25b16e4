package node

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/writer"
)

// kind is what all refusals of one code have in common: status and three lines.
type kind struct {
	status int
	title  string
	means  string
	do     string
}

const (
	nothing  = "nothing was logged and nothing was given out"
	notTaken = "the event is not in the ledger; the evidence and what is logged are untouched"
	again    = "send the same again; what is logged already is answered with its receipt"
)

// kinds are the refusals of spec/node.md.
var kinds = map[string]kind{
	"form":          {400, "the request is not in its one form, or did not come whole", nothing, "send it again, whole"},
	"digest":        {400, "the body is not the one that was signed", nothing, "sign and send it again"},
	"reason-needed": {400, "no reason is given", nothing, "say why: a code and a reference (Custody-Reason)"},
	"mandate":       {400, "the mandate does not count", nothing, "ask the authority of this state for a mandate"},
	"signature":     {401, "the request is not signed as it must be", nothing, "sign it with an enrolled key (RFC 9421)"},
	"key-unknown":   {401, "the key is not known here", nothing, "introduce it with the proof of its enrolment: POST /v1/keys"},
	"clock":         {401, "the request's time is not the node's", nothing, "set the clock, and sign again"},
	"replayed":      {401, "the request was seen before, or is older than the node's start", nothing, "sign again with a fresh nonce"},
	"other-ledger":  {403, "the request is for another ledger", nothing, "name this node's ledger (Custody-Ledger), or ask the other node"},
	"key-revoked":   {403, "the key was revoked", nothing, "use a key that is enrolled; ask the authority why this one is not"},
	"forbidden":     {403, "the key may not do this", nothing, "ask with a key that may"},
	"not-found":     {404, "it is not here, or not for this key", nothing, "ask its custodian"},
	"method":        {405, "the address has no such method", nothing, "see spec/openapi.yaml"},

	wire.CodeSealClosed:      {409, "another event has closed the seal", notTaken + "; exactly one event closes a seal, and another one did", "look at the event that won"},
	wire.CodeFollows:         {409, "an event that it follows was refused", notTaken, "see to that one first"},
	wire.CodeHistoryNeeded:   {409, "what the event rests on is not known here", notTaken, "send it again with the proofs of the events before it"},
	wire.CodeEnrolmentNeeded: {409, "a signer's enrolment is not known here", notTaken, "send it again with the proofs of the signers' enrolments"},
	"full":                   {409, "as many handoffs wait for that key as may", nothing, "have the receiver fetch them first"},
	"too-large":              {413, "the request is too large", nothing, "send less at a time"},
	"media-type":             {415, "the body is of another media type", nothing, "see spec/openapi.yaml"},
	"rate":                   {429, "too many requests", nothing, "wait, and send it again"},

	intake.CodeEvent:  {422, "it is no event of this ledger in its one form", notTaken, "make the event again with this version of the tool"},
	intake.CodeLeaf:   {422, "the body does not match its leaf", notTaken, "send envelope, salt and seal key as they were when the leaf was made"},
	intake.CodeRecord: {422, "the record is not the one that the event signs", notTaken, "send the view of the signed record"},
	intake.CodeSigner: {422, "a signature does not hold", notTaken, "have exactly the signers that the event names sign it"},
	intake.CodeProof:  {422, "what was sent as proof proves nothing", notTaken, "get the proofs again from the ledger that has the events"},
	"enrolment":       {422, "a signer is not enrolled as it says", notTaken, "sign as what the key is enrolled as"},
	"period":          {422, "a signer's key was not good for it", notTaken, "sign with a key that is enrolled and not revoked"},
	"action":          {422, "nobody may do this", notTaken, "see spec/event.md, \"Roles and acts\""},
	"state":           {422, "it may not be done from this state of custody", notTaken, "look at the item's history first"},
	"hold":            {422, "the item is under a hold, or is not where it must be", notTaken, "have the hold released by who may"},
	"role":            {422, "the signer's role does not allow it", notTaken, "have one sign who may"},
	"custodian":       {422, "only the custodian may", notTaken, "have the custodian sign"},
	"receiver":        {422, "only the key that the offer names may", notTaken, "have that key sign"},
	"second":          {422, "the second signature is missing or not the right one", notTaken, "have a second person sign who may"},
	"authority":       {422, "an authority's key of that state is needed", notTaken, "have the authority sign"},
	"chain":           {422, "it is not the next event of this history", notTaken, "look at the item's history first"},
	"parent":          {422, "the parent's derive does not name the item", notTaken, "log the derive first, naming this item"},

	"fault":           {500, "the node has a fault", "whether something was logged is not known here", again},
	"busy":            {503, "the node has too much to do", "nothing of this request is known to be lost", again},
	"late":            {503, "it was not finished in time", "it may be logged", again},
	wire.CodeReadOnly: {503, "the ledger must not be written any more", "what is logged stays provable; nothing new is logged here", "have the node's operator look into it; queue until then"},
}

// trouble is a refusal of a signed call.
type trouble struct {
	code   string
	detail string
	winner *wire.Closing
	now    time.Time // the node's clock, when that matters
}

// Error implements error.
func (t *trouble) Error() string { return t.code + ": " + t.detail }

// problem returns the refusal as it is sent.
func (t *trouble) problem() *wire.Problem {
	k, ok := kinds[t.code]
	if !ok {
		k = kinds["fault"]
	}
	p := &wire.Problem{
		Code: t.code, Detail: printable(t.detail), Do: []string{k.do}, Means: k.means, Status: k.status, Title: k.title,
		Type: "urn:custody:problem:" + t.code,
	}
	if t.winner != nil {
		p.Index, p.Leaf = &t.winner.Index, &t.winner.Leaf
	}
	if !t.now.IsZero() {
		now := evidence.Instant(t.now)
		p.Now = &now
	}
	return p
}

// printable cuts a detail to what an answer may hold.
func printable(s string) string {
	const most = 1024
	if len(s) > most {
		s = s[:most]
	}
	return string([]rune(s))
}

// troubleOf says what an error means to whoever called.
func troubleOf(err error) (t *trouble, fault bool) {
	var r *intake.Refusal
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &t):
		return t, t.code == "fault"
	case errors.As(err, &r):
		return &trouble{code: r.Code, detail: r.Detail, winner: r.Winner}, r.Code == "fault"
	case errors.As(err, &large):
		return &trouble{code: "too-large"}, false
	case errors.Is(err, wire.ErrForm):
		return &trouble{code: "form", detail: err.Error()}, false
	case errors.Is(err, intake.ErrForeign):
		return &trouble{code: "forbidden", detail: err.Error()}, false
	case errors.Is(err, writer.ErrReadOnly), errors.Is(err, intake.ErrNoTrust):
		return &trouble{code: wire.CodeReadOnly, detail: whyStopped(err)}, false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &trouble{code: "late"}, false
	case errors.Is(err, writer.ErrQuorum):
		return &trouble{code: "late", detail: "cosignatures are missing"}, false
	case errors.Is(err, writer.ErrUnknown): // the operator's business, and whoever asks may ask again
		return &trouble{code: "late"}, true
	case errors.Is(err, writer.ErrFrozen):
		return &trouble{code: wire.CodeReadOnly, detail: "the ledger has ended"}, false
	case errors.Is(err, writer.ErrNotLogged), errors.Is(err, writer.ErrClosed), errors.Is(err, bodies.ErrClosed):
		return &trouble{code: "busy"}, false
	case errors.Is(err, bodies.ErrErased):
		return &trouble{code: "not-found", detail: "it was erased"}, false
	}
	return &trouble{code: "fault"}, true
}

// whyStopped says why nothing is logged, to whoever may ask. Files and faults are the
// operator's business.
func whyStopped(err error) string {
	switch {
	case errors.Is(err, intake.ErrNoTrust):
		return intake.ErrNoTrust.Error()
	case errors.Is(err, writer.ErrBehind):
		return "other states have seen more of the ledger than is here, or something else"
	}
	return "the ledger cannot be written; the node's operator is told why"
}

// refuseSigned answers a signed call that is refused.
func (n *Node) refuseSigned(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errGone) {
		return
	}
	t, fault := troubleOf(err)
	if fault {
		n.Log.Error("fault", "route", r.Pattern, "error", err)
	}
	p := t.problem()
	b, err := evidence.Canonical(p)
	if err != nil {
		p.Detail = ""
		b, _ = evidence.Canonical(p) // of our own words
	}
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	answer(w, p.Status, wire.ProblemKind, b)
}
