package intake

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/adler32"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The EWF-E01 format as EnCase and libewf write it: a file header, then sections,
// each with a descriptor that says where the next one is.
const (
	ewfMagic      = "EVF\x09\x0d\x0a\xff\x00"
	ewfHeader     = 13
	ewfDescriptor = 76
)

// ewfKeys are the words for the one-letter names of a header.
var ewfKeys = map[string]string{
	"c": "case", "n": "evidence-number", "a": "description", "e": "examiner", "t": "notes", "av": "tool-version", "ov": "system",
	"m": "acquired", "u": "system-date", "r": "compression", "md": "model", "sn": "serial", "l": "label", "pid": "process", "dc": "dc", "ext": "extents",
}

// isSegmentOne reports whether p is the first file of an image.
func isSegmentOne(p string) bool { return strings.EqualFold(path.Ext(p), ".e01") }

// ewfImage is what the sections say.
type ewfImage struct {
	values    map[string]string
	bytes     int64
	md5, sha1 string
	sections  int  // seen so far
	headers   int  // read so far
	done      bool // the section that ends the image was read
}

func readEWF(in *Intake, f *file, all *files) error {
	segments, err := ewfSegments(f.path, all)
	if err != nil {
		return err
	}
	img := ewfImage{values: map[string]string{}}
	for n, p := range segments {
		if err := img.segment(p, n+1, all); err != nil {
			return fmt.Errorf("%s: %w", path.Base(p), err)
		}
		switch last := n == len(segments)-1; {
		case last && !img.done:
			return badForm("%s says that another segment follows, which is not here", path.Base(p))
		case !last && img.done:
			return badForm("the image ends with %s, and there is another segment", path.Base(p))
		}
	}
	in.keep(f, "e01", img.values)
	in.answer(f, "image-format", "e01")
	in.answer(f, "segments", int64(len(segments)))
	in.answer(f, "segment", texts(segments))
	if img.bytes > 0 {
		in.answer(f, "bytes", img.bytes)
	}
	in.answer(f, "imager-version", img.values["tool-version"])
	var legacy []any
	for _, d := range []string{img.md5, img.sha1} {
		if d != "" {
			legacy = append(legacy, d)
		}
	}
	if len(legacy) > 0 {
		in.answer(f, "legacy-digest", legacy)
	}
	return nil
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// ewfSegments lists the files of an image, E01 to E99, then EAA to ZZZ.
func ewfSegments(first string, all *files) ([]string, error) {
	var out []string
	stem, lower := strings.TrimSuffix(first, path.Ext(first)), path.Ext(first) == ".e01"
	for n := 1; ; n++ {
		ending := ewfEnding(n)
		if lower {
			ending = strings.ToLower(ending)
		}
		if _, there := all.sizes[stem+ending]; !there {
			return out, nil
		}
		if n > maxSegments {
			return nil, fmt.Errorf("%w: over %d segments", errLimit, maxSegments)
		}
		out = append(out, stem+ending)
	}
}

func ewfEnding(n int) string {
	if n < 100 {
		return fmt.Sprintf(".E%02d", n)
	}
	n -= 100
	return "." + string(rune('E'+n/676)) + string(rune('A'+n/26%26)) + string(rune('A'+n%26))
}

// segment reads the sections of one file.
func (img *ewfImage) segment(p string, number int, all *files) error {
	f, closer, err := all.open(p)
	if err != nil {
		return err
	}
	defer closer.Close()
	head := make([]byte, ewfHeader)
	if _, err := f.ReadAt(head, 0); err != nil {
		return badForm("shorter than its header")
	}
	if string(head[:8]) != ewfMagic {
		return badForm("it does not begin as an EWF-E01 file")
	}
	if got := int(binary.LittleEndian.Uint16(head[9:])); got != number {
		return badForm("it is segment %d, by its name %d", got, number)
	}
	at := int64(ewfHeader)
	for ; img.sections < maxSections; img.sections++ {
		next, err := img.section(f, at)
		if err != nil || next == 0 {
			return err
		}
		at = next
	}
	return fmt.Errorf("%w: over %d sections", errLimit, maxSections)
}

// section reads one section and returns where the next begins, 0 after the last.
func (img *ewfImage) section(f *file, at int64) (next int64, err error) {
	d := make([]byte, ewfDescriptor)
	if _, err := f.ReadAt(d, at); err != nil {
		return 0, badForm("it ends within a section at byte %d", at)
	}
	if adler32.Checksum(d[:72]) != binary.LittleEndian.Uint32(d[72:]) {
		return 0, badForm("the descriptor at byte %d is damaged", at)
	}
	kind := string(bytes.TrimRight(d[:16], "\x00"))
	next, size := int64(binary.LittleEndian.Uint64(d[16:])), int64(binary.LittleEndian.Uint64(d[24:]))
	if err := img.content(f, kind, at+ewfDescriptor, size-ewfDescriptor); err != nil {
		return 0, fmt.Errorf("section %q: %w", clip(kind), err)
	}
	switch {
	case kind == "done" || kind == "next":
		img.done = kind == "done"
		return 0, nil
	case next <= at || next > f.size:
		return 0, badForm("the section at byte %d leads to byte %d", at, next)
	}
	return next, nil
}

// content reads what a section holds, when it says something of the image.
func (img *ewfImage) content(f *file, kind string, at, size int64) error {
	least := map[string]int64{"header": 1, "header2": 1, "volume": 94, "disk": 94, "hash": 36, "digest": 80}[kind]
	if least == 0 {
		return nil
	}
	if size < least || size > maxDocument {
		return badForm("%d bytes", size)
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, at); err != nil {
		return badForm("it is cut off")
	}
	switch kind {
	case "header", "header2":
		if img.headers++; img.headers > maxHeaders {
			return nil
		}
		return img.header(b)
	case "volume", "disk":
		return img.volume(b)
	}
	if adler32.Checksum(b[:least-4]) != binary.LittleEndian.Uint32(b[least-4:]) {
		return badForm("it is damaged")
	}
	img.md5 = "md5:" + hex.EncodeToString(b[:16])
	img.values["md5"] = hex.EncodeToString(b[:16])
	if kind == "digest" && !bytes.Equal(b[16:36], make([]byte, 20)) {
		img.sha1 = "sha1:" + hex.EncodeToString(b[16:36])
		img.values["sha1"] = hex.EncodeToString(b[16:36])
	}
	return nil
}

// volume reads the size of the medium: sectors times bytes of one.
func (img *ewfImage) volume(b []byte) error {
	sector, sectors := int64(binary.LittleEndian.Uint32(b[12:])), int64(binary.LittleEndian.Uint64(b[16:]))
	if sector <= 0 || sectors < 0 || sectors > (1<<53-1)/sector {
		return badForm("%d sectors of %d bytes", sectors, sector)
	}
	img.bytes = sector * sectors
	img.values["bytes"] = strconv.FormatInt(img.bytes, 10)
	return nil
}

// header reads a header's table: a line of names, a line of values. A value that
// another header gave already stays.
func (img *ewfImage) header(b []byte) error {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return badForm("%v", err)
	}
	plain, err := readAll(io.Reader(z), maxDocument)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.ReplaceAll(decodeText(plain), "\r", ""), "\n")
	if len(lines) < 4 || lines[1] != "main" {
		return badForm("it has no table main")
	}
	names, values := strings.Split(lines[2], "\t"), strings.Split(lines[3], "\t")
	for i, name := range names {
		word := ewfKeys[name]
		if word == "" {
			word = name
		}
		if i < len(values) && name != "p" && img.values[word] == "" && len(img.values) <= maxKept { // p is the digest of a password
			img.values[word] = values[i]
		}
	}
	return nil
}

// decodeText reads UTF-16 with a byte order mark, or bytes.
func decodeText(b []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case !bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return strings.ToValidUTF8(string(b), "")
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, order.Uint16(b[i:]))
	}
	return string(utf16.Decode(units))
}
