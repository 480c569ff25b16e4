package report

import "example.org/custody/verify"

// Document is a report in one language: every word of it, in its order, before
// any layout. All texts are safe to show as they are and none is markup.
type Document struct {
	Language *Language
	Sender   bool   // the statement of a sender, not a verdict
	Title    string // of the page; the statement of the sender is headed so
	Running  string // for the head of every printed page: item and package

	Notice   string // that nobody has reviewed the words; empty when somebody has
	Lead     Lead
	Skip     string    // of a link past the head of a page
	Glance   string    // heading of Overview
	Overview Table     // the answers at a glance
	Legend   string    // what the signs in Overview mean; may be empty
	Brief    string    // how many items hold and are not described; may be empty
	LeftOut  string    // how many are left out for length; may be empty
	Basis    Facts     // what it was checked against
	Package  *Question // what was found about the file itself; nil for none
	Items    []Item    // in the verdict's order
	Limits   Question  // question 10, once for all items
	Summary  string    // the last line: how many items, events, checks
	Footer   []string
}

// Lead is the answer and why.
type Lead struct {
	Label    string // of this part, for those who do not see it
	Mark     Mark   // without word in the statement of a sender
	Sentence string
	Original string // the English sentence, beside words that nobody has reviewed
	Means    string
	Do       string
	Why      string // heading of Reasons
	Reasons  []Finding
	More     string // how many reasons are left out; may be empty
}

// Mark is a result as readers see it: a sign and a word.
type Mark struct {
	Status verify.Status
	Sign   string // one character
	Word   string // in capitals
}

// Facts is a list of values with its heading.
type Facts struct {
	Title string
	List  []Fact
}

// Fact is a value with its name; of facts that follow on each other with one
// name the name is shown once. Code says that the value is an identifier or a
// digest, to be read digit by digit.
type Fact struct {
	Name, Value string
	Code        bool
	Words       Words  // Value in its parts; may be nil
	Original    string // Value in English, beside words that nobody has reviewed
}

// Item is one item with its answers to questions 1 to 9.
type Item struct {
	Anchor    string // unique in the document: item-1, item-2, …
	Title     string
	ID        Fact
	Mark      Mark
	Shown     Facts // as described by those who sealed it; may be empty
	Questions []Question
}

// Question is one of the court's questions with its answer.
type Question struct {
	Anchor   string
	Number   string // 1 to 10; empty for the file itself
	Title    string
	Mark     Mark
	Sentence string
	Original string    // the English title and sentence, beside words that nobody has reviewed
	Findings []Finding // what does not hold, and why it does not
	More     string    // how many more do not hold; may be empty
	Stated   string    // how many plain digests were not computed again; may be empty
	Resting  string    // how many further checks rest on others, and which; may be empty
	Timeline *Timeline // question 3
	Facts    Facts
	Tables   []Table
	Holding  Counted // checks that hold
	Idle     Counted // checks that do not apply
	ByHand   Fact
}

// Finding is one check that does not hold.
type Finding struct {
	Mark     Mark
	Title    string // what it means, in plain words
	Original string // title and detail in English, beside words that nobody has reviewed
	Means    string // more of that; may be empty
	Rule     string // the sentence of a standard's rule in the report's language; may be empty
	Detail   Words  // the verdict's own sentence, in the report's language
	Do       string
	Context  string // what was checked, the check's name, the page with the rule
	Proof    Facts  // on failure, the values that contradict
}

// Counted is a number of checks, and for each kind how many.
type Counted struct {
	Title string // with the number; empty when there is none
	List  []Fact
}

// Table is a table that a reader can do without a picture.
type Table struct {
	Caption string
	Open    bool // shown without being asked for
	Head    []string
	Rows    [][]Cell
	More    string // how many rows are left out; may be empty
}

// Cell is one cell: a text or a mark, or both.
type Cell struct {
	Text  string
	Below string // a second line
	Code  bool   // Text is an identifier or digest
	Mark  *Mark  // before Text
	Link  string // anchor in the document; may be empty
}

// Timeline is who answered for an item, as steps for a picture and as a table
// with the same facts.
type Timeline struct {
	Title string // for the picture
	Note  string
	Steps []Step
	Right bool // the picture is drawn from the right, as the language is written
	Table Table
}

// Step is one stretch of custody, or a gap that stands before it.
type Step struct {
	Kind  string // held, offered, with-carrier, disputed, unknown, ended; gap
	From  string // when it begins; empty for a gap
	Who   string // who answers; empty when nobody is shown
	Key   string // by which key
	How   string
	Takes string // how long; empty when that is not shown
}
