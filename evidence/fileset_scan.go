package evidence

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// scanFile reads the value of an ordinary file as it nearly always is: of kind file,
// with text that needs no escape, none of what is rare. It accepts nothing but
// canonical bytes; ok is false for whatever else there is, which may well be a value,
// and is for [ParseCanonical] to read. A record of many files is read several times
// (by whoever packs, and by whoever verifies), and this takes a thirtieth of the time.
func scanFile(b []byte) (v FileValue, ok bool) {
	c := fileCursor{b: b}
	var parts struct { // one allocation for all that a value points to
		digests        Digests
		modified       time.Time
		stored         Stored
		length, offset int64
	}
	c.digests(&parts.digests)
	c.want(`,"kind":"file","mode":"`)
	mode := c.text()
	if c.has(`,"modified":"`) {
		parts.modified = c.instant()
		v.Modified = &parts.modified
	}
	c.want(`,"path":"`)
	path := c.text()
	if c.has(`,"stored":{`) {
		if v.Stored = &parts.stored; c.has(`"length":`) {
			parts.length, v.Stored.Length = c.integer(), &parts.length
			c.want(`,`)
		}
		c.want(`"object":"`)
		c.hex(parts.stored.Object[:])
		if v.Stored.Length != nil {
			c.want(`,"offset":`)
			parts.offset, v.Stored.Offset = c.integer(), &parts.offset
		}
		c.want(`,"sha256":"`)
		c.hex(parts.stored.SHA256[:])
		c.want(`}`)
	}
	c.want(`}`)
	if c.failed || len(c.b) > 0 || len(mode) == 0 {
		return FileValue{}, false
	}
	v.Digests, v.Kind, v.Mode, v.Path = &parts.digests, KindFile, string(mode), string(path)
	return v, true
}

// fileCursor reads a value from its beginning; after the first failure it reads
// nothing more.
type fileCursor struct {
	b      []byte // what is left
	failed bool
}

// has consumes text if it comes next and reports whether it did.
func (c *fileCursor) has(text string) bool {
	if c.failed || len(c.b) < len(text) || string(c.b[:len(text)]) != text {
		return false
	}
	c.b = c.b[len(text):]
	return true
}

func (c *fileCursor) want(text string) {
	if !c.has(text) {
		c.failed = true
	}
}

// digests reads the first member, with the brace before it. A digest of zeros stands
// for none and is not written.
func (c *fileCursor) digests(d *Digests) {
	c.want(`{"digests":{`)
	if c.has(`"sha256":"`) {
		c.hex(d.SHA256[:])
		c.want(`,`)
		c.failed = c.failed || d.SHA256 == Hash{}
	}
	if c.has(`"sha512":"`) {
		c.hex(d.SHA512[:])
		c.want(`,`)
		c.failed = c.failed || d.SHA512 == Hash512{}
	}
	c.want(`"size":`)
	d.Size = c.integer()
	c.want(`,"tree":"`)
	c.hex(d.Tree[:])
	c.want(`}`)
}

// hex reads lower-case digits up to the quotation mark that ends them.
func (c *fileCursor) hex(into []byte) {
	if c.failed || len(c.b) <= 2*len(into) {
		c.failed = true
		return
	}
	c.failed = !unhex(into, c.b)
	c.b = c.b[2*len(into):]
	c.want(`"`)
}

// unhex reads 2·len(into) lower-case hexadecimal digits, which b must have.
func unhex(into, b []byte) bool {
	bad := byte(0)
	for i := range into {
		hi, lo := hexDigits[b[2*i]], hexDigits[b[2*i+1]]
		into[i] = hi<<4 | lo
		bad |= hi | lo
	}
	return bad < 16
}

// hexDigits holds the values of lower-case hexadecimal digits, and 255 for what is
// none.
var hexDigits = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(bytes.IndexByte([]byte("0123456789abcdef"), byte(i)))
	}
	return t
}()

// text reads up to the quotation mark that ends a text, and fails at an escape.
func (c *fileCursor) text() []byte {
	n := bytes.IndexByte(c.b, '"')
	if c.failed || n < 0 {
		c.failed = true
		return nil
	}
	s := c.b[:n]
	c.b = c.b[n+1:]
	ascii := true
	for _, x := range s {
		if x < ' ' || x == '\\' {
			c.failed = true
		}
		ascii = ascii && x < utf8.RuneSelf
	}
	c.failed = c.failed || !ascii && !utf8.Valid(s)
	return s
}

// integer reads a number that is not negative.
func (c *fileCursor) integer() (n int64) {
	i := 0
	for ; i < len(c.b) && '0' <= c.b[i] && c.b[i] <= '9' && i <= 16; i++ {
		n = 10*n + int64(c.b[i]-'0')
	}
	if i == 0 || i > 1 && c.b[0] == '0' || n > MaxInteger {
		c.failed = true
	}
	c.b = c.b[i:]
	return n
}

// instant reads a time in UTC up to the quotation mark that ends it.
func (c *fileCursor) instant() time.Time {
	s := c.text()
	t, err := time.Parse(time.RFC3339Nano, string(s))
	var again [len(time.RFC3339Nano)]byte
	if err != nil || len(s) == 0 || s[len(s)-1] != 'Z' || !bytes.Equal(t.AppendFormat(again[:0], time.RFC3339Nano), s) {
		c.failed = true
	}
	return t
}
