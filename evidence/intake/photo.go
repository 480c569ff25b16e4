package intake

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/bep/imagemeta"
)

// photoFormats are the photographs whose EXIF is read, by the ending of the name.
var photoFormats = map[string]imagemeta.ImageFormat{
	".jpg": imagemeta.JPEG, ".jpeg": imagemeta.JPEG, ".heic": imagemeta.HEIF, ".heif": imagemeta.HEIF, ".avif": imagemeta.AVIF,
	".png": imagemeta.PNG, ".webp": imagemeta.WebP, ".tif": imagemeta.TIFF, ".tiff": imagemeta.TIFF,
}

func photoFormat(p string) imagemeta.ImageFormat { return photoFormats[strings.ToLower(path.Ext(p))] }

func isPhoto(p string) bool { return photoFormat(p) != imagemeta.ImageFormatAuto }

// Limits of what is read of one photograph, whatever it claims.
const (
	maxPhotoRead = 32 << 20 // bytes, with those that are read again
	maxPhotoTags = 1000
	maxPhotoTag  = 4 * maxText // bytes
)

// exifTags are the tags of EXIF (JEITA CP-3451) that are kept, as the library
// names them.
var exifTags = map[string]string{
	"Make": "make", "Model": "model", "Software": "software", "ModifyDate": "changed", "DateTimeOriginal": "taken", "OffsetTime": "offset",
	"OffsetTimeOriginal": "taken-offset", "OwnerName": "owner", "SerialNumber": "serial", "LensModel": "lens",
}

// exifFolders are the directories in which those tags are the photograph's own,
// not those of its thumbnail or of the camera's maker.
var exifFolders = []string{"IFD0", "IFD0/ExifIFDP"}

// readPhoto keeps the camera and the times in EXIF, and whether a C2PA manifest is
// there, which is not checked here. Coordinates stay in the photograph: that they
// are there is kept.
func readPhoto(in *Intake, f *file, _ *files) error {
	c2pa := false
	if isJPEG(f.path) {
		var err error
		if c2pa, err = manifestIn(f); err != nil {
			return err
		}
	}
	values, err := exif(f)
	if err != nil {
		return err
	}
	in.keep(f, "exif", values)
	if c2pa {
		in.keep(f, "c2pa", map[string]string{"manifest": "present", "result": checkNotYet})
	}
	return nil
}

func exif(f *file) (map[string]string, error) {
	values := map[string]string{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: &budget{f.reader(), maxPhotoRead}, ImageFormat: photoFormat(f.path), Sources: imagemeta.EXIF,
		LimitNumTags: maxPhotoTags, LimitTagSize: maxPhotoTag,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return strings.HasPrefix(t.Tag, "GPS") || exifTags[t.Tag] != "" && slices.Contains(exifFolders, t.Namespace)
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			text, is := t.Value.(string)
			switch name := exifTags[t.Tag]; {
			case name == "":
				values["coordinates"] = "present"
			case is && values[name] == "":
				values[name] = strings.TrimSpace(strings.ToValidUTF8(text, ""))
			}
			return nil
		},
	})
	if err != nil {
		return nil, badForm("its EXIF cannot be read: %v", err)
	}
	return values, nil
}

// budget lets so many bytes be read and no more: a file whose parts lead back to
// each other would be read for ever.
type budget struct {
	io.ReadSeeker
	left int64
}

// Read implements [io.Reader].
func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: %d bytes of one photograph", errLimit, maxPhotoRead)
	}
	n, err := b.ReadSeeker.Read(p)
	b.left -= int64(n)
	return n, err
}
