// Package intake reads what laboratories' own tools wrote about their files, and
// answers fields of a standard with it (spec/standards.md, "Intake"):
//
//	E01              header, media and stored digests of an image (EWF-E01)
//	WACZ             datapackage.json and datapackage-digest.json; its digests are recomputed
//	BagIt            bag-info.txt and manifests (RFC 8493)
//	UFDR             the metadata at the head of report.xml
//	photographs      EXIF: camera and times; of a JPEG whether a C2PA manifest is there
//	C2PA report      what c2patool stated about such a manifest, beside the photograph
//	delivery list    a CSV or JSON table of paths, sizes and digests
//
// Digests that a list, a bag or an image states are answers like the rest: the
// rules compare them with those that are sealed.
//
// What a tool stated is carried as stated: nothing here proves that a stated
// date or name is true. What it does not understand it keeps, as text. A file
// that is damaged, or that says it is what it is not, is a [Note] and answers
// nothing: sealing takes the bytes as they are.
//
// It reads only what it is given and opens no link. Memory is bounded by the
// limits of limits.go and photo.go, whatever a file claims.
//
// # Libraries
//
// A well-kept library reads a format where there is one; what was found in
// November 2026, and why the others are read here:
//
//	EXIF             github.com/bep/imagemeta v1.0.1 (September 2026), with limits on tags, sizes and bytes read. In
//	                 220,000 damaged photographs it took at most 66 KB and 27 ms for one
//	EWF-E01          Velocidex/go-ewf (February 2024, no release) reads content and, it says, no header; aoiflux/libewf v0.2.1
//	                 (August 2026, used by nothing else) is not served as a module. Tests compare with libewf's ewfinfo
//	WACZ             no library; archive/zip and encoding/json of the standard library, behind limits on members and bytes
//	BagIt            nyudlts/go-bagit v0.3.0-alpha (March 2024, a prerelease) opens paths on disk itself, not what is sealed;
//	                 steffenfritz/bagit v0.4.0 dates from July 2019. The tag lines are those of RFC 8493 section 2.2
//	C2PA             richardwooding/c2pa v0.2.0 (June 2026, two releases in one day) is not served as a module; c2pa-rs and what
//	                 wraps it is a C library. A manifest is said to be there, its validation is c2patool's word
//	UFDR             no library for Go; encoding/xml of the standard library, stopped where the contents begin
//	delivery lists   encoding/csv and encoding/json of the standard library
package intake
