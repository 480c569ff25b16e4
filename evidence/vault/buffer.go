package vault

import "sync"

// Buffers hold a file for a pack and one byte more, by which a file that has
// grown shows. Most files are small: two sizes keep memory low.
var (
	tinyBuffers  = sync.Pool{New: func() any { return new(make([]byte, tiny+1)) }}
	smallBuffers = sync.Pool{New: func() any { return new(make([]byte, packed+1)) }}
)

// tiny is the size in bytes up to which a file gets a small buffer.
const tiny = 64 << 10

// takeBuffer returns a buffer for a file of size bytes, at most [packed].
func takeBuffer(size int64) *[]byte {
	if size <= tiny {
		return tinyBuffers.Get().(*[]byte)
	}
	return smallBuffers.Get().(*[]byte)
}

// giveBuffer takes one back.
func giveBuffer(b *[]byte) {
	if len(*b) == tiny+1 {
		tinyBuffers.Put(b)
	} else {
		smallBuffers.Put(b)
	}
}
