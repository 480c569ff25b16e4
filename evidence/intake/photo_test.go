package intake_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// The formats of photographs that carry the same EXIF say the same of themselves.
func TestPhotographs(t *testing.T) {
	exif := exifOf(t)
	for name, b := range map[string][]byte{
		"front.heic": heif(t, exif), "front.HEIF": heif(t, exif), "front.png": png(t, exif), "front.tif": exif, "front.webp": webp(t, exif),
	} {
		in := read(t, map[string][]byte{name: b})
		if len(in.Kept) == 0 {
			t.Errorf("%s: nothing is kept; notes %v", name, in.Notes)
			continue
		}
		if k := kept(t, in, "exif"); k["make"] != "Nokia" || k["taken"] != "2026:03:03 09:31:00" || k["coordinates"] != "present" || len(k) != 3 {
			t.Errorf("%s: %v, notes %v", name, k, in.Notes)
		}
	}
}

// A photograph without EXIF says nothing, and one that is no photograph is noted.
func TestPhotographsThatSayNothing(t *testing.T) {
	in := read(t, map[string][]byte{"plain.png": png(t, nil), "page.webp": []byte("<html>"), "scan.tif": nil})
	if len(in.Kept) > 0 || len(in.Notes) > 2 {
		t.Errorf("kept %v, notes %v", in.Kept, in.Notes)
	}
}

// Boxes that lead back to each other, claim more than there is, or are many end
// reading soon.
func TestHostileHEIF(t *testing.T) {
	good := heif(t, exifOf(t))
	back := append([]byte(nil), good[:16]...) // ftyp
	back = append(back, 0, 0, 0, 1, 'f', 'r', 'e', 'e')
	back = binary.BigEndian.AppendUint64(back, uint64(1<<64-16)) // 16 bytes before it begins
	small := append(append([]byte(nil), good[:16]...), bytes.Repeat([]byte{0, 0, 0, 8, 'f', 'r', 'e', 'e'}, 1<<20)...)
	for name, b := range map[string][]byte{"back.heic": back, "small.heic": small} {
		if in := quick(t, map[string][]byte{name: b}); len(in.Kept) > 0 {
			t.Errorf("%s: kept %v", name, in.Kept)
		}
	}
	for at := range good {
		b := append([]byte(nil), good...)
		b[at] = 0xff
		quick(t, map[string][]byte{"p.heic": b})
	}
}

// exifOf is the TIFF inside photo.
func exifOf(t *testing.T) []byte {
	t.Helper()
	b := photo(binary.BigEndian, "MM\x00*", false)
	at := bytes.Index(b, []byte("Exif\x00\x00"))
	n := int(binary.BigEndian.Uint16(b[at-2:])) - 2 - 6
	return b[at+6 : at+6+n]
}

// box is one of an ISO base media file (ISO/IEC 14496-12 4.2).
func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// heif is an image of no pictures whose one item is EXIF (ISO/IEC 23008-12 Annex A).
func heif(t *testing.T, exif []byte) []byte {
	t.Helper()
	payload := append([]byte{0, 0, 0, 6, 'E', 'x', 'i', 'f', 0, 0}, exif...)
	item := box("infe", []byte{2, 0, 0, 0, 0, 1, 0, 0}, []byte("Exif\x00"))
	info := box("iinf", []byte{0, 0, 0, 0, 0, 1}, item)
	location := func(at int) []byte {
		return box("iloc", []byte{0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1}, binary.BigEndian.AppendUint32(nil, uint32(at)), binary.BigEndian.AppendUint32(nil, uint32(len(payload))))
	}
	head := box("ftyp", []byte("heic\x00\x00\x00\x00"))
	whole := func(at int) []byte {
		return append(append([]byte(nil), head...), box("meta", []byte{0, 0, 0, 0}, info, location(at))...)
	}
	at := len(whole(0)) + 8
	return append(whole(at), box("mdat", payload)...)
}

// png is a picture of one pixel with EXIF (PNG third edition, 11.3.4.5), or without.
func png(t *testing.T, exif []byte) []byte {
	t.Helper()
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
		named := append([]byte(kind), body...)
		b = binary.BigEndian.AppendUint32(append(b, named...), crc32.ChecksumIEEE(named))
	}
	chunk("IHDR", []byte{0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0})
	if exif != nil {
		chunk("eXIf", exif)
	}
	chunk("IEND", nil)
	return b
}

// webp is an extended file with EXIF and no picture.
func webp(t *testing.T, exif []byte) []byte {
	t.Helper()
	part := func(kind string, body []byte) []byte {
		b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))), body...)
		return append(b, make([]byte, len(body)%2)...)
	}
	body := append([]byte("WEBP"), part("VP8X", []byte{8, 0, 0, 0, 0, 0, 0, 0, 0, 0})...)
	return part("RIFF", append(body, part("EXIF", exif)...))
}
