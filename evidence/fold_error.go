package evidence

import "fmt"

// ChainCheck names what a [ChainError] is about; the list is closed.
type ChainCheck string

// The checks of a history.
const (
	CheckForm      ChainCheck = "chain.form"        // the event is not valid by itself
	CheckItem      ChainCheck = "chain.item"        // the event is of another item
	CheckSeq       ChainCheck = "chain.seq"         // a hole or a jump
	CheckPrevious  ChainCheck = "chain.previous"    // it does not name the event before it
	CheckEnded     ChainCheck = "chain.ended"       // the item has ended
	CheckSeal      ChainCheck = "chain.seal"        // it closes a seal that the event before did not open
	CheckOrigin    ChainCheck = "chain.origin"      // it is in another ledger than its seal
	CheckReused    ChainCheck = "chain.reused"      // it opens a seal a second time
	CheckErased    ChainCheck = "chain.erased"      // an event is missing without, or not as, an erasure says
	CheckState     ChainCheck = "custody.state"     // the act is not possible from where the item stands
	CheckCustodian ChainCheck = "custody.custodian" // it is not signed by who answers for the item
	CheckReceiver  ChainCheck = "custody.receiver"  // an answer not signed by the one the offer names
	CheckWithdraw  ChainCheck = "custody.withdraw"  // a withdrawal before due without the receiver's signature
)

// ChainError reports the first event at which a history is not one: proven
// wrong, where a [Gap] is only a doubt.
type ChainError struct {
	Seq    int64 // position of the event, from 0
	Check  ChainCheck
	Detail string
}

// Error implements error.
func (e *ChainError) Error() string {
	return fmt.Sprintf("event %d: %s: %s", e.Seq, e.Check, e.Detail)
}
