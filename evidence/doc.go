// Package evidence holds the nouns of custody and the pure functions over them:
// item, event, record, content tree, and the custody fold that turns an item's
// events into who held it from when to when.
//
// Nothing here signs, stores or sends. An event does not know how it is signed;
// the formats are those of spec/content.md, spec/record.md and spec/event.md,
// and whatever a released version wrote is read by every later one.
package evidence
