package report

// Statement writes the page of a sender about any answers.
var Statement = statement
