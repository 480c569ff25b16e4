package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
)

// waczPackage is datapackage.json of a WACZ (Frictionless data package).
type waczPackage struct {
	Created   string         `json:"created"`
	MainDate  string         `json:"mainPageDate"`
	MainURL   string         `json:"mainPageURL"`
	Resources []waczResource `json:"resources"`
	Software  string         `json:"software"`
	Title     string         `json:"title"`
	Version   string         `json:"wacz_version"`
}

type waczResource struct {
	Bytes int64  `json:"bytes"`
	Hash  string `json:"hash"` // algorithm:hex
	Path  string `json:"path"`
}

// waczDigest is datapackage-digest.json, which binds datapackage.json and may
// hold a signature.
type waczDigest struct {
	Hash   string          `json:"hash"`
	Path   string          `json:"path"`
	Signed json.RawMessage `json:"signedData"`
}

const (
	waczPackageFile = "datapackage.json"
	waczDigestFile  = "datapackage-digest.json"
)

// Answers to the field archive-check and archive-signature of web-capture.
const (
	checkHolds  = "holds"
	checkFails  = "fails"
	checkNone   = "none"
	checkNotYet = "not-checked"
)

func readWACZ(in *Intake, f *file, _ *files) error {
	z, err := openZip(f)
	if err != nil {
		return err
	}
	m := z[waczPackageFile]
	if m == nil {
		return badForm("it has no %s, or two", waczPackageFile)
	}
	b, err := document(m)
	if err != nil {
		return err
	}
	var p waczPackage
	if err := json.Unmarshal(b, &p); err != nil {
		return badForm("%s: %v", waczPackageFile, err)
	}
	check := in.waczResources(f, z, p.Resources)
	signature := in.waczSignature(f, z, b, &check)
	in.keep(f, "wacz", map[string]string{
		"created": p.Created, "main-page-date": p.MainDate, "main-page-url": p.MainURL, "software": p.Software,
		"title": p.Title, "version": p.Version, "check": check, "signature": signature,
	})
	in.answer(f, "archive", f.path)
	in.answer(f, "archive-check", check)
	in.answer(f, "archive-signature", signature)
	in.answer(f, "url", p.MainURL)
	in.answer(f, "browser", p.Software)
	return nil
}

// waczResources recomputes every digest that the package states.
func (in *Intake) waczResources(f *file, z archive, list []waczResource) string {
	if len(list) == 0 || len(list) > maxMembers {
		in.note(f.path, "its %s lists %d files; no digest was checked", waczPackageFile, len(list))
		return checkNotYet
	}
	budget, check := expands(f.size), checkHolds
	for _, r := range list {
		switch said := in.waczResource(f, z, r, &budget); {
		case said == checkFails:
			check = checkFails
		case said == checkNotYet && check == checkHolds:
			check = checkNotYet
		}
	}
	return check
}

// waczResource recomputes one digest. budget is how many bytes may still be read.
func (in *Intake) waczResource(f *file, z archive, r waczResource, budget *int64) string {
	algorithm, digest, ok := strings.Cut(r.Hash, ":")
	h, m := hasher(algorithm), z[r.Path]
	switch {
	case m == nil:
		in.note(f.path, "%s is listed and not there, or there twice", r.Path)
		return checkFails
	case !ok || h == nil:
		in.note(f.path, "%s has a digest that is not checked here: %.20q", r.Path, r.Hash)
		return checkNotYet
	}
	body, err := m.Open()
	if err != nil {
		in.note(f.path, "%s cannot be read: %v", r.Path, err)
		return checkFails
	}
	defer body.Close()
	same, n, err := sameBytes(body, h, digest, *budget)
	*budget -= n
	switch {
	case errors.Is(err, errLimit):
		in.note(f.path, "%s expands to more than is read here", r.Path)
		return checkNotYet
	case err != nil || !same || n != r.Bytes:
		in.note(f.path, "%s is not what %s states", r.Path, waczPackageFile)
		return checkFails
	}
	return checkHolds
}

// waczSignature checks the digest of the package document; a signature is said to
// be there and not checked, since whose key counts is not known here.
func (in *Intake) waczSignature(f *file, z archive, packageBytes []byte, check *string) string {
	m := z[waczDigestFile]
	if m == nil {
		return checkNone
	}
	b, err := document(m)
	var d waczDigest
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	if err != nil {
		in.note(f.path, "%s cannot be read: %v", waczDigestFile, err)
		*check = checkFails
		return checkNone
	}
	if algorithm, digest, _ := strings.Cut(d.Hash, ":"); algorithm == "sha256" {
		if same, _, _ := sameBytes(bytes.NewReader(packageBytes), sha256.New(), digest, maxDocument+1); !same {
			in.note(f.path, "%s states another digest of %s", waczDigestFile, waczPackageFile)
			*check = checkFails
		}
	}
	if len(d.Signed) == 0 || string(d.Signed) == "null" {
		return checkNone
	}
	in.note(f.path, "it is signed; the signature was not checked here")
	return checkNotYet
}
