// Package inventory is the completeness of a delivered set (spec/request.md,
// "Completeness of a set"): an inventory has a count and a root, two inventories
// have a difference report, and report, presence and absence can be proven.
// It is pure.
package inventory
