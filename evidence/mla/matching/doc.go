// Package matching lets two authorities find out whether both hold the same identifier,
// of a person in two proceedings or of a witness who was heard already, without either
// learning the other's identifiers (spec/matching.md). A hit says: talk to each other.
//
//	asking, opening, err := matching.Ask(random, session, mine)      // at A
//	answering, answer, err := matching.Reply(random, opening, theirs) // at B
//	tokens, err := asking.Tokens(answer)                              // at A
//	hits, last, err := answering.Hits(tokens)                         // at B
//	hits, err = asking.Hits(last)                                     // at A
//
// It is a verifiable oblivious pseudo-random function in both directions (RFC 9497, by
// cloudflare/circl), under keys that live for one session. The package carries nothing and
// signs nothing: whoever calls it sends messages signed, and encrypted to the other side,
// and keeps what [Asking.Save] and [Answering.Save] return encrypted, because the
// identifiers are in it.
package matching
