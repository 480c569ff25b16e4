// Package mla is mutual legal assistance (spec/request.md): the instruments that
// a request may rest on, its forms and when they are complete, how it goes on,
// when an answer is due, and how what it brings may be used.
//
// All law is data in spec/instruments; nothing here knows an article. The package
// is pure: no I/O but through the file systems it is given, no clock, and the
// same input gives the same answer on every machine.
package mla
