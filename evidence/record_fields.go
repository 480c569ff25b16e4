package evidence

// Names of record fields that code here reads (spec/record.md, "Fields").
const (
	FieldPhysicalSeal = "physical-seal"        // collect: list of the numbers on the bag
	FieldSealBefore   = "physical-seal.before" // other events: the list as found
	FieldSealAfter    = "physical-seal.after"  // other events: the list as left
	FieldDigests      = "digests"              // what was checked again: a [DigestCheck]
	FieldCarrier      = "carrier"              // who carries the item while it is offered
)

// DigestCheck is the value of the field digests: which files' bytes were
// compared again with the digests in the record, and which were not the same.
type DigestCheck struct {
	Checked   int64    `json:"checked"`   // files compared
	Different []string `json:"different"` // record names of those that differ, e.g. "file/3"
}
