package pdf

import (
	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

// SummaryEnd returns where the summary ends, in millimetres from the top of its
// page, and 1000 when it took more than one.
func SummaryEnd(v *verify.Verdict, o report.Options) float64 {
	d := report.New(v, o)
	s := newSheet(d.Title, d.Language.Code, d.Running)
	s.summary(d, v)
	if s.PageNo() != 1 {
		return 1000
	}
	return s.GetY()
}

// CutFacts returns what is cut of the names and digests of what it was checked against.
func CutFacts(v *verify.Verdict, o report.Options) (cut []string) {
	d := report.New(v, o)
	s := newSheet(d.Title, d.Language.Code, d.Running)
	s.AddPage()
	s.font("sans", "", 7.5)
	names := s.nameColumn(d.Basis.List)
	for _, x := range d.Basis.List {
		s.font("sans", "", 7.5)
		if s.fit(x.Name, names-1) != x.Name {
			cut = append(cut, x.Name)
		}
		s.font("mono", "", 6.2)
		if most := width - names - codeSize - 4; x.Code && s.fit(x.Value, most) != x.Value {
			cut = append(cut, x.Value)
		}
	}
	return cut
}
