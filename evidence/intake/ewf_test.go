package intake_test

import (
	"encoding/binary"
	"hash/adler32"
	"testing"
)

// What ewfacquire wrote into usb.E01.
const (
	usbMD5  = "8f463e888922bbe8812c1f30eeeebdf0"
	usbSHA1 = "2e7337c8d1ee8eb1eed62ba460aec3c71c5f27dc"
)

// An image that ewfacquire 20140813 made of a 256 KiB medium: what ewfinfo prints
// of it.
func TestEWF(t *testing.T) {
	in := read(t, map[string][]byte{"usb.E01": sample(t, "usb.E01")})
	want(t, in, "image-format", "e01")
	want(t, in, "segments", "1")
	want(t, in, "segment", "[usb.E01]")
	want(t, in, "bytes", "262144")
	want(t, in, "imager-version", "20140813")
	want(t, in, "legacy-digest", "[md5:"+usbMD5+" sha1:"+usbSHA1+"]")
	k := kept(t, in, "e01")
	for name, value := range map[string]string{"case": "AA-2026-0042", "evidence-number": "E-0017", "description": "usb stick, blue", "examiner": "AA-OFF-0404", "notes": "quick acquisition", "system": "Linux"} {
		if k[name] != value {
			t.Errorf("%s is %q, want %q", name, k[name], value)
		}
	}
	if len(in.Notes) > 0 {
		t.Errorf("notes %v", in.Notes)
	}
}

// Any byte of a section's descriptor or of its stored digests that is changed is
// seen, and such an image answers nothing.
func TestEWFDamaged(t *testing.T) {
	good := sample(t, "usb.E01")
	for name, change := range map[string]func([]byte) []byte{
		"descriptor": func(b []byte) []byte { b[30] ^= 1; return b },
		"digest":     func(b []byte) []byte { b[section(b, "digest")+76] ^= 1; return b },
		"cut off":    func(b []byte) []byte { return b[:len(b)/2] },
		"magic":      func(b []byte) []byte { b[0] = 'X'; return b },
		"number":     func(b []byte) []byte { b[9] = 2; return b },
		"backwards":  func(b []byte) []byte { return leadsTo(b, 13) },
		"beyond":     func(b []byte) []byte { return leadsTo(b, 1<<40) },
		"empty":      func([]byte) []byte { return nil },
	} {
		in := read(t, map[string][]byte{"usb.E01": change(append([]byte(nil), good...))})
		if len(in.Fields) > 0 || len(in.Notes) != 1 {
			t.Errorf("%s: answers %v, notes %v", name, in.Fields, in.Notes)
		}
	}
}

// section returns where a section's descriptor begins.
func section(b []byte, kind string) int {
	at := 13
	for string(b[at:at+len(kind)]) != kind || b[at+len(kind)] != 0 {
		at = int(binary.LittleEndian.Uint64(b[at+16:]))
	}
	return at
}

// leadsTo makes the first section lead elsewhere, with the right checksum.
func leadsTo(b []byte, next uint64) []byte {
	binary.LittleEndian.PutUint64(b[13+16:], next)
	binary.LittleEndian.PutUint32(b[13+72:], adler32.Checksum(b[13:13+72]))
	return b
}

// A second segment belongs to the image; one that is missing, has another number
// or stands behind the end is seen, and such an image answers nothing.
func TestEWFSegments(t *testing.T) {
	whole := sample(t, "usb.E01")
	first := goesOn(whole)
	second := append([]byte(nil), whole...)
	second[9] = 2
	in := read(t, map[string][]byte{"usb.E01": first, "usb.E02": second})
	want(t, in, "segments", "2")
	want(t, in, "segment", "[usb.E01 usb.E02]")
	third := append([]byte(nil), second...)
	third[9] = 3
	for reason, files := range map[string]map[string][]byte{
		"segment 3, by its name 2":          {"usb.E01": first, "usb.E02": third},
		"usb.E01 says that another segment": {"usb.E01": first},
		"usb.E02 says that another segment": {"usb.E01": first, "usb.E02": goesOn(second)},
		"the image ends with usb.E01":       {"usb.E01": whole, "usb.E02": second},
		"usb.E02: not of its form":          {"usb.E01": first, "usb.E02": whole[:40]},
	} {
		in := read(t, files)
		want(t, in, "segments", "")
		if !noted(in, reason) || len(in.Kept) > 0 {
			t.Errorf("%s: notes %v", reason, in.Notes)
		}
	}
}

// goesOn makes of the end of an image that of a segment behind which another comes.
func goesOn(whole []byte) []byte {
	b := append([]byte(nil), whole...)
	at := section(b, "done")
	copy(b[at:at+16], "next\x00\x00\x00\x00")
	binary.LittleEndian.PutUint32(b[at+72:], adler32.Checksum(b[at:at+72]))
	return b
}

// Two images of different sizes in one set leave the fields to a person.
func TestTwoAnswersAreNone(t *testing.T) {
	in := read(t, map[string][]byte{"a.E01": sample(t, "usb.E01"), "b.E01": sample(t, "usb.E01")})
	want(t, in, "image-format", "e01")
	want(t, in, "segment", "")
	if !noted(in, "answers the field segment otherwise") || len(in.Kept) != 2 {
		t.Errorf("notes %v, kept %v", in.Notes, in.Kept)
	}
}
