//go:build race

package inventory_test

// raced says that the race detector slows the test down.
const raced = true
