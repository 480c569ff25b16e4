// Package paper lays the form of a request out for paper: every section with its
// letter, every field with what is answered or that nothing is, every box that could
// be ticked. A [Document] is one copy for one side; [HTML] and [JSON] write it, and
// verify/report/pdf does as well.
//
// A copy has what its side may see and nothing else: a section that is for another
// side alone is taken out before anything is laid out ([mla.Form.Copy]), so that no
// rendering can show it: the provider's copy of a production order has no section M.
// The request's own records have it; where they leave a desk, cmd/internal/desk keeps
// it apart.
//
// Until a form is signed it is marked as a draft, on every page. It never bears an
// official mark: its words are our own (spec/instruments/README.md, "Paper").
package paper
