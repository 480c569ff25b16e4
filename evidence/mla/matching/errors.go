package matching

import "errors"

// ErrMessage reports bytes that are not the message expected: another format, session or
// length, an element that is none, a claim of something that was not asked.
var ErrMessage = errors.New("not the message of private matching that is expected here")

// ErrProof reports values that are not made with the key that their message names. The
// other side does not follow the protocol.
var ErrProof = errors.New("the other side's values are not made with the key that it named")

// ErrIdentifier reports an identifier without the form of its kind.
var ErrIdentifier = errors.New("not an identifier in the form of its kind")

// ErrCount reports more than [MaxIdentifiers].
var ErrCount = errors.New("private matching takes at most 16,384 identifiers")

// ErrSession reports a session with an unknown purpose, or of one side with itself.
var ErrSession = errors.New("not a session between two authorities for a known purpose")

// ErrState reports kept bytes that are not of this side, or damaged.
var ErrState = errors.New("not what was kept of a session of private matching")
