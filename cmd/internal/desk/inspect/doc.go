// Package inspect says what a file or folder is and what it says of itself, without a
// key and without verifying anything.
package inspect
