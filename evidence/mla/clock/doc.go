// Package clock computes when an answer to a request is due (spec/request.md,
// "Deadlines").
//
// Two readings of every period stand side by side: the strict one, which never
// rolls over, and that of Regulation (EEC, Euratom) No 1182/71. The earlier says
// "act by", the later "overdue from". Whether the Regulation governs a period is
// for lawyers.
//
// Nothing is taken from the machine: zones come from the IANA files of
// spec/instruments, holidays from dated calendars with an end, and behind that
// end, or without a calendar, the later reading is undecided. The package reads
// no clock; "now" is an argument.
package clock
