package keyfile

// Unseal opens the bytes of a key file, for tests that damage thousands.
var Unseal = unseal
