package trust

import "errors"

// What callers tell apart. Only [ErrSignature] is proof that something is wrong;
// after every other one the question stays undecided.
var (
	// ErrForm reports text that is not in the one form its format allows, or
	// contradicts itself.
	ErrForm = errors.New("not in the form of spec/trust.md")
	// ErrSignature reports a signature by a listed state that does not verify.
	ErrSignature = errors.New("signature of a listed state does not verify")
	// ErrQuorum reports fewer signatures of states than the list needs.
	ErrQuorum = errors.New("too few states signed the trust list")
	// ErrChain reports a list that does not follow the one before it.
	ErrChain = errors.New("trust list does not follow the one before it")
	// ErrUnlisted reports a key, ledger, certificate or policy the list does not name.
	ErrUnlisted = errors.New("not in the trust list")
	// ErrOutside reports use before or after the window the list gives, by size
	// or by time.
	ErrOutside = errors.New("outside the window the trust list gives")
	// ErrRevoked reports use past the last good checkpoint of a revoked key or
	// a compromised authority.
	ErrRevoked = errors.New("past the last good checkpoint")
	// ErrSilent reports a time after the list's next-update: it says nothing
	// about it (rule P12).
	ErrSilent = errors.New("the trust list says nothing after its next-update")
	// ErrPolicy reports a policy that is well formed and too weak, or is not
	// about the ledger and keys the list names (rule P17).
	ErrPolicy = errors.New("policy does not protect this ledger")
)
