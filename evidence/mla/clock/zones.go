package clock

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"example.org/custody/evidence/rules"
)

// ErrZone reports a time zone that the data does not have, or a state whose zone
// is not known.
var ErrZone = errors.New("time zone not known")

// zonesFormat is that of spec/instruments/zones-<version>.json.
const zonesFormat = "custody/zones/v1"

// Zones are the time zones of one version of the IANA database.
type Zones struct {
	Format  string              `json:"format"`
	Source  string              `json:"source"`
	States  map[string][]string `json:"states"` // alpha-2 code to zones, that of the capital first
	Version string              `json:"version"`

	files fs.FS
}

// LoadZones reads zones-<version>.json of a folder and checks that every zone it
// names is there.
func LoadZones(files fs.FS, version string) (*Zones, error) {
	name := "zones-" + version + ".json"
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	z := &Zones{files: files}
	fault, err := rules.ReadData(name, b, z)
	if err != nil {
		return nil, err
	}
	if z.Format != zonesFormat || z.Version != version {
		return nil, fault("format", "zones %q of %q, want %q of %q", z.Version, z.Format, version, zonesFormat)
	}
	for state, names := range z.States {
		for i, one := range names {
			if _, err := z.Zone(one); err != nil {
				return nil, fault(fmt.Sprintf("states.%s[%d]", state, i), "%v", err)
			}
		}
	}
	return z, nil
}

// Zone returns a zone by its name, from the data and never from the machine.
func (z *Zones) Zone(name string) (*time.Location, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%q: %w", name, ErrZone)
	}
	b, err := fs.ReadFile(z.files, path.Join("zoneinfo", z.Version, name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w in version %s", name, ErrZone, z.Version)
	}
	return time.LoadLocationFromTZData(name, b)
}

// Of returns the zone of a state: the one that is asked for, which must be one of
// the state's, or else the capital's.
func (z *Zones) Of(state, asked string) (*time.Location, error) {
	names := z.States[state]
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s: %w in version %s", state, ErrZone, z.Version)
	case asked == "":
		return z.Zone(names[0])
	case !slices.Contains(names, asked):
		return nil, fmt.Errorf("%s is no zone of %s: %w", asked, state, ErrZone)
	}
	return z.Zone(asked)
}
