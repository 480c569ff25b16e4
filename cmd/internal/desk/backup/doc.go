// Package backup writes a home into one file and reads it back (spec/home.md, "Backup").
//
// A backup is a tar of the home as it stands under its lock: everything in it that is
// secret is encrypted there already, except the keys of the cosigner and of a node, which
// are left out: either could sign two histories when restored from an old state (rule P21).
// The last entry lists every file with its digest.
package backup
