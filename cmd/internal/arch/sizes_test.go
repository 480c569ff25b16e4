package arch

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

// The targets, in lines. They are what the best of our neighbours keep, not
// thresholds that anybody has proven.
const (
	fileMedian = 120
	fileTenth  = 400 // nine files of ten are at most this long
	fileMost   = 700 // tests included
	funcMedian = 12
	funcLong   = 60 // one function of twenty may be longer
	funcMost   = 120
	mainMost   = 30
)

// allowed are the files and functions that may be longer than fileMost or
// funcMost, each with the reason. A row that is no longer needed fails.
var allowed = map[string]string{}

func TestFileSizes(t *testing.T) {
	var sizes []int
	for _, s := range sources(t) {
		if s.lines > fileMost && !excused(s.path) {
			t.Errorf("%s has %d lines; at most %d", s.path, s.lines, fileMost)
		}
		if !s.test {
			sizes = append(sizes, s.lines)
		}
	}
	median, tenth := quantile(sizes, 0.5), quantile(sizes, 0.9)
	t.Logf("%d files: median %d lines, nine of ten within %d, longest %d", len(sizes), median, tenth, slices.Max(sizes))
	if median > fileMedian || tenth > fileTenth {
		t.Errorf("files: median %d (at most %d), nine of ten within %d (at most %d)", median, fileMedian, tenth, fileTenth)
	}
}

func TestFunctionSizes(t *testing.T) {
	var sizes []int
	long := 0
	for f := range functions(t) {
		sizes = append(sizes, f.lines)
		if f.lines > funcLong {
			long++
		}
		if f.lines > f.most && !excused(f.name) {
			t.Errorf("%s has %d lines; at most %d", f.name, f.lines, f.most)
		}
	}
	median, share := quantile(sizes, 0.5), float64(long)/float64(len(sizes))
	t.Logf("%d functions: median %d lines, %.1f %% over %d, longest %d", len(sizes), median, share*100, funcLong, slices.Max(sizes))
	if median > funcMedian || share > 0.05 {
		t.Errorf("functions: median %d (at most %d), %.1f %% over %d lines (at most 5 %%)", median, funcMedian, share*100, funcLong)
	}
}

// An exception that is no longer needed must go.
func TestExceptionsAreNeeded(t *testing.T) {
	needed := map[string]bool{}
	for _, s := range sources(t) {
		needed[s.path] = s.lines > fileMost
	}
	for f := range functions(t) {
		needed[f.name] = f.lines > f.most
	}
	for name := range allowed {
		if !needed[name] {
			t.Errorf("%s is short enough, or gone: take it off the list", name)
		}
	}
}

func excused(name string) bool { return allowed[name] != "" }

// function is one function that is not a test: its place and name, its length,
// the length it may have.
type function struct {
	name        string
	lines, most int
}

// functions yields every function outside test files.
func functions(t *testing.T) func(yield func(function) bool) {
	return func(yield func(function) bool) {
		for _, s := range sources(t) {
			for _, d := range s.tree.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || s.test {
					continue
				}
				f := function{name: fmt.Sprintf("%s %s", s.path, fn.Name.Name), lines: s.span(fn), most: funcMost}
				if s.tree.Name.Name == "main" && fn.Name.Name == "main" {
					f.most = mainMost
				}
				if !yield(f) {
					return
				}
			}
		}
	}
}

// quantile returns the value below which the share q of the sizes lies.
func quantile(sizes []int, q float64) int {
	sorted := slices.Sorted(slices.Values(sizes))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
