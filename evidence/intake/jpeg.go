package intake

import (
	"bytes"
	"encoding/binary"
)

var isJPEG = hasSuffix(".jpg", ".jpeg")

// Markers of a JPEG file (ITU-T T.81 Annex B).
const (
	jpegStart = 0xd8
	jpegScan  = 0xda // compressed data follow
	jpegApp11 = 0xeb // JUMBF, in which C2PA lies
)

// manifestIn reports whether a C2PA manifest is in the head of a JPEG file.
func manifestIn(f *file) (bool, error) {
	head := make([]byte, 4)
	if _, err := f.ReadAt(head[:2], 0); err != nil || head[0] != 0xff || head[1] != jpegStart {
		return false, badForm("it does not begin as a JPEG file")
	}
	for at := int64(2); ; {
		if _, err := f.ReadAt(head, at); err != nil || head[0] != 0xff {
			return false, nil
		}
		length := int64(binary.BigEndian.Uint16(head[2:]))
		if head[1] == jpegScan || length < 2 {
			return false, nil
		}
		if head[1] == jpegApp11 {
			b := make([]byte, length-2)
			if _, err := f.ReadAt(b, at+4); err != nil {
				return false, badForm("it is cut off")
			}
			if bytes.Contains(b, []byte("c2pa")) {
				return true, nil
			}
		}
		at += 2 + length
	}
}
