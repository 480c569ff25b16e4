package cms

import (
	"errors"
	"fmt"
)

// What callers tell apart, beside [signing.ErrSignature] (proven wrong) and
// [signing.ErrCertificate] (a certificate that cannot do this, or not then).
var (
	// ErrForm reports bytes that are not what the standard says in DER, or that
	// leave out what this package asks for.
	ErrForm = errors.New("not in the form of spec/time.md")
	// ErrAlgorithm reports a digest, signature or key that is too weak or unknown.
	ErrAlgorithm = errors.New("algorithm or key not accepted")
	// ErrContent reports that what is signed is another content than the one given.
	ErrContent = errors.New("over another content")
	// ErrRefused reports that a timestamp authority gave no token.
	ErrRefused = errors.New("the timestamp authority gave no token")
)

func badForm(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrForm)...)
}

func weak(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrAlgorithm)...)
}
