// Package admit answers one question for desk, node and verifier alike: may
// this key add this event to this history?
//
// The answer is a table (spec/event.md, "Roles and acts") over the act, the
// state of custody before it, and who signs; plus the period of the signer's
// enrolment (rule P8) and the place in the item's chain of seals (rules P2,
// P13). What the table does not allow is refused.
//
// It is pure and looks at no signature: whoever calls it has verified that the
// signers signed. A refusal says what was refused and why, and whether it is
// proven or only could not be decided.
package admit
