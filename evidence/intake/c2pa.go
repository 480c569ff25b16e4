package intake

import (
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxReport is the most bytes of a validation report that are read.
const maxReport = 4 << 20

// Names of a laboratory's report about the C2PA manifest of a photograph: the
// photograph's own, with or without its ending, and one of reportEndings; or, as
// c2patool writes it, one of storeNames in a folder of the photograph's name.
var (
	reportEndings = []string{".c2pa.json", "-c2pa.json", "_c2pa.json", ".json"}
	storeNames    = []string{"manifest_store.json", "detailed.json"}
	photoEndings  = []string{"", ".jpg", ".jpeg", ".JPG", ".JPEG"}
)

func isReport(p string) bool { return strings.EqualFold(path.Ext(p), ".json") }

// c2paReport is what is read of the JSON report of a manifest store, as c2patool
// prints it (C2PA Technical Specification 2.2, section 15, "Validation").
type c2paReport struct {
	Active  string       `json:"active_manifest"`
	State   string       `json:"validation_state"`
	Status  []c2paStatus `json:"validation_status"` // failures alone
	Results *struct {
		Active      c2paCodes `json:"activeManifest"`
		Ingredients []struct {
			Deltas c2paCodes `json:"validationDeltas"`
		} `json:"ingredientDeltas"`
	} `json:"validation_results"`
	Manifests json.RawMessage `json:"manifests"`
}

type c2paCodes struct {
	Success []c2paStatus `json:"success"`
	Failure []c2paStatus `json:"failure"`
}

type c2paStatus struct {
	Code string `json:"code"`
}

// Values of result in what is kept of a report.
const (
	statedNothing  = "no result stated"
	statedFailures = "failures stated"
	statedNone     = "no failure stated"
)

// readReport keeps what a laboratory's tool stated about a C2PA manifest: its
// word, which nothing here checks. Whose certificates it trusted is in it or not;
// which of them count is not for this package to say.
func readReport(in *Intake, f *file, all *files) error {
	of := photosOf(f.path, all)
	if f.size > maxReport || len(of) == 0 && !slices.Contains(storeNames, path.Base(f.path)) {
		return nil
	}
	b, err := readAll(f.reader(), maxReport)
	if err != nil {
		return err
	}
	var r c2paReport
	if json.Unmarshal(b, &r) != nil || r.Active == "" || len(r.Manifests) == 0 || r.Manifests[0] != '{' {
		return nil // a document of another kind
	}
	values := map[string]string{"checked": checkNotYet, "active-manifest": r.Active, "state": r.State, "result": r.result(), "failures": r.failures()}
	if r.Results != nil {
		values["successes"] = strconv.Itoa(len(r.Results.Active.Success))
	}
	if len(of) == 1 {
		values["of"] = of[0]
	}
	in.keep(f, "c2pa-report", values)
	return nil
}

// result sums up what the report states. A tool that lists failures alone and
// lists none has stated no result: it may not have looked.
func (r *c2paReport) result() string {
	switch {
	case r.failures() != "" || strings.EqualFold(r.State, "invalid"):
		return statedFailures
	case r.Results != nil || strings.EqualFold(r.State, "valid") || strings.EqualFold(r.State, "trusted"):
		return statedNone
	}
	return statedNothing
}

// failures lists the codes of failures that the report states, once each, those of
// ingredients among them.
func (r *c2paReport) failures() string {
	var codes []string
	add := func(list []c2paStatus) {
		for _, s := range list {
			codes = append(codes, s.Code)
		}
	}
	add(r.Status)
	if r.Results != nil {
		add(r.Results.Active.Failure)
		for _, d := range r.Results.Ingredients {
			add(d.Deltas.Failure)
		}
	}
	slices.Sort(codes)
	return strings.Join(slices.Compact(codes), " ")
}

// photosOf returns the photographs beside which a report of that name lies.
func photosOf(report string, all *files) (photos []string) {
	var bases []string
	if slices.Contains(storeNames, path.Base(report)) {
		bases = append(bases, path.Dir(report))
	}
	for _, ending := range reportEndings {
		if base, ok := strings.CutSuffix(report, ending); ok {
			bases = append(bases, base)
		}
	}
	for _, base := range bases {
		for _, ending := range photoEndings {
			p := base + ending
			if _, there := all.sizes[p]; there && isJPEG(p) && !slices.Contains(photos, p) {
				photos = append(photos, p)
			}
		}
	}
	return photos
}
