//go:build !js

package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Sections of a WebAssembly module (core specification 1.0, section 5.5).
const (
	customSection = 0
	importSection = 2
	codeSection   = 10
	dataSection   = 11

	functionNames = 1 // subsection of the custom section "name"
)

var errModule = errors.New("not a WebAssembly module as Go makes them")

// module is a compiled verifier taken apart.
type module struct {
	bare      []byte // the module without its custom sections, which only tools read
	functions []int  // bytes of each function of its own
	imported  int    // functions of others, which are counted first
	names     map[int]string
	data      int // bytes of the data section: tables of the runtime, types, texts
}

// parseModule takes a module apart.
func parseModule(b []byte) (*module, error) {
	const head = 8 // magic and version
	if len(b) < head || !bytes.HasPrefix(b, []byte("\x00asm")) {
		return nil, errModule
	}
	m := &module{bare: slices.Clone(b[:head]), names: map[int]string{}}
	r := reader{rest: b[head:]}
	for len(r.rest) > 0 && r.err == nil {
		whole := r.rest
		id := r.byte()
		body := r.bytes()
		if id != customSection {
			m.bare = append(m.bare, whole[:len(whole)-len(r.rest)]...)
		}
		if err := m.section(id, reader{rest: body}); err != nil {
			return nil, err
		}
	}
	return m, r.err
}

func (m *module) section(id byte, r reader) error {
	switch id {
	case importSection:
		m.imported = r.count()
	case codeSection:
		for range r.count() {
			m.functions = append(m.functions, len(r.bytes()))
		}
	case dataSection:
		m.data = len(r.rest)
	case customSection:
		if string(r.bytes()) == "name" {
			m.nameFunctions(&r)
		}
	}
	return r.err
}

func (m *module) nameFunctions(r *reader) {
	for len(r.rest) > 0 && r.err == nil {
		kind := r.byte()
		sub := reader{rest: r.bytes()}
		if kind != functionNames {
			continue
		}
		for range sub.count() {
			i := sub.count()
			m.names[i] = string(sub.bytes())
		}
		r.err = cmp.Or(r.err, sub.err)
	}
}

// packageSize is the bytes of code of one package.
type packageSize struct {
	path  string
	bytes int
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_.]`)

// sizes returns the code of each of the packages, the largest first, and of what
// belongs to none, as "(made by the compiler)".
func (m *module) sizes(paths []string) []packageSize {
	known := map[string]string{} // as in the names of functions: path
	for _, p := range paths {
		known[notInName.ReplaceAllString(p, "_")] = p
	}
	sum := map[string]int{}
	for i, n := range m.functions {
		sum[packageOf(m.names[m.imported+i], known)] += n
	}
	var list []packageSize
	for _, p := range slices.Sorted(maps.Keys(sum)) {
		list = append(list, packageSize{p, sum[p]})
	}
	slices.SortStableFunc(list, func(a, b packageSize) int { return b.bytes - a.bytes })
	return list
}

// packageOf finds the longest package whose name a function's begins with.
func packageOf(function string, known map[string]string) string {
	for at := len(function); at > 0; at = strings.LastIndexByte(function[:at], '.') {
		if p, ok := known[function[:at]]; ok {
			return p
		}
	}
	return "(made by the compiler)"
}

// reader reads the numbers and byte strings of a module; its first error stays.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.err = errModule
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// count reads an unsigned LEB128 number.
func (r *reader) count() int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > math.MaxInt32 {
		r.rest, r.err = nil, errModule
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

// bytes reads a byte string after its length.
func (r *reader) bytes() []byte {
	n := r.count()
	if n > len(r.rest) {
		r.rest, r.err = nil, errModule
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}
