package evidence

import (
	"time"
)

// Names of the event format (spec/event.md).
const (
	EventFormat      = "custody/event/v1"
	EventPayloadType = "application/vnd.custody.event.v1+json" // of its DSSE envelope
)

// MaxSigners is the most signatures one event may carry.
const MaxSigners = 8

// Action is what an event does; the list is closed.
type Action string

// The actions of spec/event.md.
const (
	Collect  Action = "collect"
	Offer    Action = "offer"
	Accept   Action = "accept"
	Decline  Action = "decline"
	Withdraw Action = "withdraw"
	Examine  Action = "examine"
	Derive   Action = "derive"
	Disclose Action = "disclose"
	Correct  Action = "correct"
	Hold     Action = "hold"
	Release  Action = "release"
	Return   Action = "return"
	Dispose  Action = "dispose"
	Enrol    Action = "enrol"  // of a key
	Revoke   Action = "revoke" // of a key
	Step     Action = "step"   // one arrow of a request
)

// Actions returns the closed list, in the order of the specification.
func Actions() []Action {
	return []Action{
		Collect, Offer, Accept, Decline, Withdraw, Examine, Derive, Disclose,
		Correct, Hold, Release, Return, Dispose, Enrol, Revoke, Step,
	}
}

// Role is in what capacity a key signs; the list is closed.
type Role string

// The roles of spec/event.md. [RoleAuthority] is that of an authority's own key,
// which the trust list names and no enrolment does.
const (
	RoleCollector  Role = "collector"
	RoleExaminer   Role = "examiner"
	RoleCustodian  Role = "custodian"
	RoleCarrier    Role = "carrier"
	RoleProsecutor Role = "prosecutor"
	RoleCourt      Role = "court"
	RoleApprover   Role = "approver"
	RoleAuditor    Role = "auditor"
	RoleAuthority  Role = "authority"
)

// Roles returns the roles that an enrolment can give.
func Roles() []Role {
	return []Role{
		RoleCollector, RoleExaminer, RoleCustodian, RoleCarrier,
		RoleProsecutor, RoleCourt, RoleApprover, RoleAuditor,
	}
}

// StateCode names a state: 2 to 8 upper-case letters (spec/trust.md).
type StateCode string

// Clock is what the time of an act was read from; the list is closed.
type Clock string

// The clock sources of spec/event.md, member occurred.
const (
	ClockSystem   Clock = "system"
	ClockGNSS     Clock = "gnss"
	ClockNTP      Clock = "ntp"
	ClockOperator Clock = "operator" // typed in by a person
	ClockUnknown  Clock = "unknown"
)

// PartyKind is what the other side of an act is; the list is closed.
type PartyKind string

// The kinds of spec/event.md, member counterparty.
const (
	PartyKey       PartyKind = "key" // an enrolled key
	PartyAuthority PartyKind = "authority"
	PartyCourt     PartyKind = "court"
	PartyLab       PartyKind = "lab"
	PartyCarrier   PartyKind = "carrier"
	PartyOwner     PartyKind = "owner"
	PartyPerson    PartyKind = "person"
	PartyUnknown   PartyKind = "unknown"
)

// DerivationKind is how an item came from its parent; the list is closed.
type DerivationKind string

// The kinds of spec/event.md, member parent.
const (
	AcquiredFrom DerivationKind = "acquired-from"
	Extracted    DerivationKind = "extracted"
	Converted    DerivationKind = "converted"
	Redacted     DerivationKind = "redacted"
	Translated   DerivationKind = "translated"
	Sampled      DerivationKind = "sampled"
	Copied       DerivationKind = "copied"
)

// Event is one act on one item: the payload of an envelope (spec/event.md,
// "Payload"). A zero value of a member marked optional means it is absent.
// Times are UTC in whole milliseconds, see [Instant].
type Event struct {
	Action       Action        `json:"action"`
	Anchors      []Hash        `json:"anchors"`                // SHA-256 of whole cosigned notes: not older than these
	Closes       Seal          `json:"closes"`                 // the seal this event closes
	Continues    ItemID        `json:"continues,omitzero"`     // optional: the dead item this one goes on from (rule P4)
	Counterparty *Counterparty `json:"counterparty,omitempty"` // optional but for offer, disclose, return
	Due          time.Time     `json:"due,omitzero"`           // offer: by when an answer is due
	Enrols       *Enrolment    `json:"enrols,omitempty"`       // enrol: the key
	Erases       []Erasure     `json:"erases,omitempty"`       // optional, dispose: events that are erased (rule P7)
	Format       string        `json:"format,omitempty"`       // [EventFormat] in the encoding; empty here
	Item         ItemID        `json:"item"`
	Occurred     Occurred      `json:"occurred"`
	Offer        Hash          `json:"offer,omitzero"` // optional, collect: leaf hash of an offer its ledger left unanswered
	Opens        Opens         `json:"opens"`
	Origin       Origin        `json:"origin"`            // the one ledger the leaf may be in (rule P13)
	Parent       *Parent       `json:"parent,omitempty"`  // optional, collect: where it was derived from
	Previous     Hash          `json:"previous,omitzero"` // leaf hash of the event before; absent when Seq is 0
	Record       RecordRoots   `json:"record"`
	Recorded     time.Time     `json:"recorded"` // when the envelope was made
	Seq          int64         `json:"seq"`      // 0, 1, 2, … within the item
	Signers      []Signer      `json:"signers"`  // 1 to [MaxSigners], the acting one first
	Standard     string        `json:"standard,omitempty"`
}

// Occurred is when an act took place: from and to as the clock showed them.
// Offset is clock − reference, so reference time = clock time − offset.
type Occurred struct {
	Clock    Clock     `json:"clock"`
	From     time.Time `json:"from"`
	OffsetMS int64     `json:"offset_ms"` // milliseconds; negative when the clock was slow
	To       time.Time `json:"to"`
}

// Counterparty is the other side of an act. Who it is by name stands in the record.
type Counterparty struct {
	Key   KeyID     `json:"key,omitzero"` // when Kind is [PartyKey], and only then
	Kind  PartyKind `json:"kind"`
	Ref   string    `json:"ref,omitempty"`
	State StateCode `json:"state,omitempty"`
}

// Opens is the seals an event opens (rule P2).
type Opens struct {
	Children []Child   `json:"children"`       // derive: each child's birth seal is its id
	Next     *NextSeal `json:"next,omitempty"` // absent when the item ends
}

// NextSeal is the one seal that the item's next event closes, and the ledger it
// must be closed in.
type NextSeal struct {
	Origin Origin `json:"origin"`
	Seal   Seal   `json:"seal"`
}

// Child is an item that an event gives rise to, and the ledger of its first event.
type Child struct {
	Item   ItemID `json:"item"`
	Origin Origin `json:"origin"`
}

// Parent is where a derived item comes from.
type Parent struct {
	Item ItemID         `json:"item"`
	Kind DerivationKind `json:"kind"`
	Leaf Hash           `json:"leaf"` // leaf hash of the parent's derive event
}

// Signer is one of the keys that must sign the event.
type Signer struct {
	Appointment string    `json:"appointment,omitempty"` // reference of what gives the role
	Authority   StateCode `json:"authority"`
	Enrolled    ItemID    `json:"enrolled,omitzero"` // item of the key's enrolment; absent for [RoleAuthority] only
	Key         KeyID     `json:"key"`
	Role        Role      `json:"role"`
}

// Enrolment is the key that an enrol event admits.
type Enrolment struct {
	Authority StateCode `json:"authority"`
	Key       KeyID     `json:"key"` // SHA-256 of SPKI
	Role      Role      `json:"role"`
	SPKI      []byte    `json:"spki"`  // DER SubjectPublicKeyInfo; padded standard base64 in JSON
	Suite     string    `json:"suite"` // a suite this version may not know
}

// Erasure names an event whose body was destroyed, and what it had opened, so
// that the chain of seals can be followed past it (rule P7).
type Erasure struct {
	Leaf   Hash   `json:"leaf"`
	Opened []Seal `json:"opened"` // every seal it had opened
	Order  string `json:"order"`  // reference of the order to erase
}

// First reports whether the action starts an item.
func (a Action) First() bool { return a == Collect || a == Enrol }

// Ends reports whether the event ends its item: it opens no next seal.
func (e *Event) Ends() bool { return e.Opens.Next == nil }

// Signer returns the acting signer, who stands first.
func (e *Event) Signer() Signer {
	if len(e.Signers) == 0 {
		return Signer{}
	}
	return e.Signers[0]
}

// SignedBy reports whether key is among the signers.
func (e *Event) SignedBy(key KeyID) bool {
	for _, s := range e.Signers {
		if s.Key == key {
			return true
		}
	}
	return false
}

// Instant returns t as formats carry it: UTC, whole milliseconds (the rest cut
// off), no monotonic reading.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Reference returns the interval in reference time: the clock's offset taken off.
func (o Occurred) Reference() (from, to time.Time) {
	return o.From.Add(-o.Offset()), o.To.Add(-o.Offset())
}

// Offset returns by how much the clock was ahead of reference time.
func (o Occurred) Offset() time.Duration { return time.Duration(o.OffsetMS) * time.Millisecond }

// Made returns when the envelope was made, as stated, in reference time. The
// machine that made it shows its own time; an offset that was measured on
// another clock says nothing of it.
func (e *Event) Made() time.Time {
	if c := e.Occurred.Clock; c == ClockSystem || c == ClockNTP {
		return e.Recorded.Add(-e.Occurred.Offset())
	}
	return e.Recorded
}
