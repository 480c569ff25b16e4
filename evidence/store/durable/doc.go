// Package durable changes files and folders so that a change that was reported
// done is still there after the power fails, and one that was not is there
// whole or not at all.
//
// A file is written under a temporary name beside its place, synchronised,
// renamed, and its folder synchronised. What a crash leaves behind has
// [TempPrefix] in its name and is removed by [Files.RemoveTemps].
//
// On Windows a folder cannot be synchronised; renames are asked to write
// through instead. In a browser (GOOS=js) nothing is durable; the package only
// compiles there.
package durable
