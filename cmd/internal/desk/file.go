package desk

import (
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// files makes and replaces the home's own files so that a crash leaves the old
// content or the new.
var files durable.Files

// parseFile reads one of the home's JSON files as strictly as any format.
func parseFile(b []byte, into any) error { return evidence.ParseCanonical(b, into) }
