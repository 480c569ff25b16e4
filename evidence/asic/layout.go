package asic

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// member is one stored file of a zip: all that its headers depend on.
type member struct {
	name string
	size int64  // of the content, in bytes
	at   int64  // position of the local header
	crc  uint32 // CRC-32 (IEEE) of the content
}

// layout turns members into zip headers (spec/container.md, "Zip parts"). Its
// fields say from which value on a field needs zip64; only tests change them.
type layout struct {
	max32 int64 // sizes and positions from here on do not fit 4 bytes
	max16 int   // counts from here on do not fit 2 bytes
}

var standard = layout{max32: math.MaxUint32, max16: math.MaxUint16}

// Sizes of the fixed parts, and zip's signatures (APPNOTE 4.3).
const (
	localSize   = 30
	centralSize = 46
	endSize     = 22
	end64Size   = 56
	locatorSize = 20
	maxExtra    = 4 + 3*8

	localSig   = 0x04034b50
	centralSig = 0x02014b50
	endSig     = 0x06054b50
	end64Sig   = 0x06064b50
	locatorSig = 0x07064b50

	versionPlain = 10
	version64    = 45
	flagUTF8     = 1 << 11
	fixedDate    = 1<<5 | 1 // 1980-01-01, the first day zip can say
	extra64      = 1        // id of the zip64 extra field
	sentinel32   = math.MaxUint32
	sentinel16   = math.MaxUint16
)

var le = binary.LittleEndian

func (l layout) big(v int64) bool { return v >= l.max32 }

// field returns v as it stands in a 4-byte field.
func (l layout) field(v int64) uint32 {
	if l.big(v) {
		return sentinel32
	}
	return uint32(v)
}

// extra returns the zip64 extra field for those of the values that do not fit,
// nil when all do.
func (l layout) extra(values ...int64) []byte {
	var b []byte
	for _, v := range values {
		if l.big(v) {
			b = le.AppendUint64(b, uint64(v))
		}
	}
	if b == nil {
		return nil
	}
	head := le.AppendUint16(nil, extra64)
	return append(le.AppendUint16(head, uint16(len(b))), b...)
}

func version(extra []byte) uint16 {
	if extra == nil {
		return versionPlain
	}
	return version64
}

func flags(name string) uint16 {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return flagUTF8
		}
	}
	return 0
}

// appendLocal appends m's local header.
func (l layout) appendLocal(b []byte, m *member) []byte {
	extra := l.extra(m.size, m.size)
	b = le.AppendUint32(b, localSig)
	b = l.appendCommon(b, m, extra)
	b = append(b, m.name...)
	return append(b, extra...)
}

// appendCommon appends what local and central header share, from the version
// needed to the length of the extra field.
func (l layout) appendCommon(b []byte, m *member, extra []byte) []byte {
	b = le.AppendUint16(b, version(extra))
	b = le.AppendUint16(b, flags(m.name))
	b = le.AppendUint16(b, 0) // stored
	b = le.AppendUint16(b, 0) // time
	b = le.AppendUint16(b, fixedDate)
	b = le.AppendUint32(b, m.crc)
	b = le.AppendUint32(b, l.field(m.size))
	b = le.AppendUint32(b, l.field(m.size))
	b = le.AppendUint16(b, uint16(len(m.name)))
	return le.AppendUint16(b, uint16(len(extra)))
}

// appendCentral appends m's header in the central directory.
func (l layout) appendCentral(b []byte, m *member) []byte {
	extra := l.extra(m.size, m.size, m.at)
	b = le.AppendUint32(b, centralSig)
	b = le.AppendUint16(b, version(extra)) // made by; upper byte 0: no system's attributes
	b = l.appendCommon(b, m, extra)
	b = append(b, make([]byte, 2+2+2+4)...) // comment, disk, attributes
	b = le.AppendUint32(b, l.field(m.at))
	b = append(b, m.name...)
	return append(b, extra...)
}

// localLen returns the length of m's local header.
func (l layout) localLen(m *member) int64 {
	n := int64(localSize + len(m.name))
	if l.big(m.size) {
		n += 4 + 2*8
	}
	return n
}

// end64 reports whether a directory needs the zip64 end record.
func (l layout) end64(n int, dirSize, dirAt int64) bool {
	return n >= l.max16 || l.big(dirSize) || l.big(dirAt)
}

// appendEnd appends what follows the central directory of n members.
func (l layout) appendEnd(b []byte, n int, dirSize, dirAt int64) []byte {
	if l.end64(n, dirSize, dirAt) {
		b = appendEnd64(b, n, dirSize, dirAt)
	}
	short := uint16(sentinel16)
	if n < l.max16 {
		short = uint16(n)
	}
	b = le.AppendUint32(b, endSig)
	b = le.AppendUint32(b, 0) // both disk numbers
	b = le.AppendUint16(b, short)
	b = le.AppendUint16(b, short)
	b = le.AppendUint32(b, l.field(dirSize))
	b = le.AppendUint32(b, l.field(dirAt))
	return le.AppendUint16(b, 0) // comment
}

func appendEnd64(b []byte, n int, dirSize, dirAt int64) []byte {
	b = le.AppendUint32(b, end64Sig)
	b = le.AppendUint64(b, end64Size-12) // without signature and this field
	b = le.AppendUint16(b, version64)
	b = le.AppendUint16(b, version64)
	b = le.AppendUint64(b, 0) // both disk numbers
	b = le.AppendUint64(b, uint64(n))
	b = le.AppendUint64(b, uint64(n))
	b = le.AppendUint64(b, uint64(dirSize))
	b = le.AppendUint64(b, uint64(dirAt))
	b = le.AppendUint32(b, locatorSig)
	b = le.AppendUint32(b, 0) // disk
	b = le.AppendUint64(b, uint64(dirAt+dirSize))
	return le.AppendUint32(b, 1) // disks
}

// headerField is one field of a header, for saying what differs.
type headerField struct {
	size int
	name string
}

const methodField = "compression method"

var (
	commonFields = []headerField{{2, "version needed"}, {2, "flags"}, {2, methodField}, {2, "time"}, {2, "date"},
		{4, "CRC-32"}, {4, "compressed size"}, {4, "size"}, {2, "name length"}, {2, "extra field length"}}
	localFields   = append([]headerField{{4, "signature"}}, commonFields...)
	centralFields = append(append([]headerField{{4, "signature"}, {2, "version made by"}}, commonFields...),
		headerField{2, "comment length"}, headerField{2, "disk"}, headerField{2, "internal attributes"},
		headerField{4, "external attributes"}, headerField{4, "position"})
)

// difference names the field in which header got differs from want; both are as
// long as want. Of several it names the first, but the compression method before
// all: a foreign zip differs in many ways, and this is the one to know about.
// Past the fixed fields it is the name or the extra field.
func difference(fields []headerField, got, want []byte) (at int, what string) {
	pos := 0
	for _, f := range fields {
		g, w := fieldValue(got[pos:], f.size), fieldValue(want[pos:], f.size)
		if g != w && (what == "" || f.name == methodField) {
			at, what = pos, fmt.Sprintf("%s is %#x where %#x belongs", f.name, g, w)
		}
		pos += f.size
	}
	if what != "" {
		return at, what
	}
	for pos < len(want)-1 && got[pos] == want[pos] {
		pos++
	}
	return pos, "name or extra field differs"
}

func fieldValue(b []byte, size int) uint32 {
	if size == 2 {
		return uint32(le.Uint16(b))
	}
	return le.Uint32(b)
}
