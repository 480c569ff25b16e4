package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"example.org/custody/ledger/anchor"
)

var errPeers = errors.New("no state of the agreement has a peer in it")

// firstPeers returns the first peer of each state of the agreement in a configuration of
// fabric-sdk-go, by the organisations' names but that of org first. Errors wrap errPeers
// where there is none.
func firstPeers(file, org string, a *anchor.Agreement) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var sdk struct {
		Organizations map[string]struct {
			MSP   string `yaml:"mspid"`
			Peers []string
		}
	}
	if err := yaml.Unmarshal(b, &sdk); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(sdk.Organizations)) {
		o := sdk.Organizations[name]
		switch {
		case len(o.Peers) == 0 || !a.HasState(o.MSP):
		case strings.EqualFold(name, org): // as the SDK compares them
			all = slices.Insert(all, 0, o.Peers[0])
		default:
			all = append(all, o.Peers[0])
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %w", file, errPeers)
	}
	return all, nil
}
