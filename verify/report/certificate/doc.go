// Package certificate fills in the statements that a court asks a person to make about
// evidence (spec/certificates/README.md): of digests, of continuity, after the Federal
// Rules of Evidence 902(13) and (14). Words come from spec/certificates, values from a
// verdict and the record that it proves.
//
// What comes out is a draft, always: what only a person can say stands as a blank in
// brackets, and nothing here signs. A [Document] is a statement before any layout;
// verify/report/pdf sets it.
package certificate
