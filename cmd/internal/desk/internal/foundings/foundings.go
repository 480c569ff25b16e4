// Package foundings has what the founders of every list agree on in a test's process.
package foundings

import "example.org/custody/signing/trust"

// Instruments are named by every list that is founded, besides what its founders say.
// Only desktest sets it.
var Instruments []trust.Pin
