package mla

// Side is one of those who take part in a request; the list is closed.
type Side string

// The sides of spec/request.md, "Steps".
const (
	Issuing   Side = "issuing"   // the state that asks
	Executing Side = "executing" // the state that is asked
	Provider  Side = "provider"  // who is ordered to produce or preserve data
	Enforcing Side = "enforcing" // the authority of the provider's state
)

// Sides returns the closed list.
func Sides() []Side { return []Side{Issuing, Executing, Provider, Enforcing} }

// Decision is what a limit says of a use; the list is closed, from the widest to
// the narrowest.
type Decision string

// The decisions of spec/request.md, "Use limits".
const (
	Allow Decision = "allow"
	Ask   Decision = "ask"
	Deny  Decision = "deny"
)

// ExceptionKind is a use beside the purposes; the list is closed.
type ExceptionKind string

// The exceptions of spec/request.md, "Use limits".
const (
	Exculpatory ExceptionKind = "exculpatory" // it exonerates an accused person
	Threat      ExceptionKind = "threat"      // an immediate and serious threat
	Related     ExceptionKind = "related"     // proceedings directly related to the case
)
