// Package arch holds no code, only tests, of what must not drift in the tree
// as a whole:
//
//   - every package has a floor and imports lower floors only; floors 0 to 3,
//     from which a verdict comes, reach no network, process, database or C
//     library, on any system (floors_test.go has the table);
//   - every package and every exported name is documented;
//   - files and functions stay small (sizes_test.go has the targets and the
//     written exceptions);
//   - the top-level folders are the agreed ones, and two claims that nobody may
//     make appear nowhere.
//
// The tests open every file they judge themselves. Go's test cache does not see
// what a child process such as `go list` has read, and would print "ok (cached)"
// over a broken tree.
package arch
