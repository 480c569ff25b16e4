package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// itemObject is the variable item: its members, and what its functions need.
type itemObject struct {
	*object
	files  map[string]*object // by path, of those shown
	hidden bool               // a file's path is not shown
	gaps   []string           // codes of gaps in custody
	doubts []string           // codes of those that cannot be told
	veiled string             // why any gap may be there that is not shown; "" when none may
}

// custody takes the gaps of the fold. A gap at an event that is erased is none
// that is shown (rule P7), and may be any.
func (it *itemObject) custody(in *Input) {
	t := in.Timeline
	if t == nil {
		it.veiled = "custody"
		return
	}
	if t.Erased > 0 {
		it.veiled = "erased events"
	}
	for _, g := range t.Gaps {
		if g.Seq < 0 || g.Seq >= int64(len(in.Links)) || in.Links[g.Seq].Event != nil {
			it.gaps = append(it.gaps, string(g.Code))
		}
	}
	for _, g := range t.Undecided {
		it.doubts = append(it.doubts, string(g.Code))
	}
}

func itemSealed(args ...ref.Val) ref.Val {
	it, path := args[0].(*itemObject), string(args[1].(types.String))
	_, ok := it.files[path]
	if !ok && it.hidden {
		return unknown(Withheld, "item.files")
	}
	return types.Bool(ok)
}

func itemDigest(args ...ref.Val) ref.Val {
	it, path := args[0].(*itemObject), string(args[1].(types.String))
	return it.digest(path, "sha256")
}

func itemSize(args ...ref.Val) ref.Val {
	it, path := args[0].(*itemObject), string(args[1].(types.String))
	file, why := it.file(path)
	if file == nil {
		return why
	}
	return file.Get(types.String("size"))
}

// file returns the file of a path, or why it is unknown.
func (it *itemObject) file(path string) (*object, ref.Val) {
	file, ok := it.files[path]
	switch {
	case ok:
		return file, nil
	case it.hidden:
		return nil, unknown(Withheld, "item.files")
	}
	return nil, unknown(Absent, "the file that is asked for")
}

// digest returns the file's digest as algorithm:hex, or why it is unknown.
func (it *itemObject) digest(path, algorithm string) ref.Val {
	file, why := it.file(path)
	if file == nil {
		return why
	}
	hex, ok := file.vals[algorithm].(types.String)
	if !ok || hex == "" {
		return unknown(NotShown, file.path+"."+algorithm)
	}
	return types.String(algorithm) + ":" + hex
}

func itemSameDigest(args ...ref.Val) ref.Val {
	it, path, digest := args[0].(*itemObject), string(args[1].(types.String)), args[2].(types.String)
	algorithm, _, _ := strings.Cut(string(digest), ":")
	own := it.digest(path, algorithm)
	if _, ok := own.(types.String); !ok {
		return own
	}
	return own.Equal(digest)
}

func itemContinuous(args ...ref.Val) ref.Val {
	it := args[0].(*itemObject)
	codes, other := textsOf(args[1])
	if other != nil {
		return other
	}
	for _, c := range codes {
		if slices.Contains(it.gaps, c) {
			return types.False
		}
	}
	if it.veiled != "" {
		return unknown(NotShown, it.veiled)
	}
	for _, c := range codes {
		if slices.Contains(it.doubts, c) {
			return unknown(Withheld, c)
		}
	}
	return types.True
}
