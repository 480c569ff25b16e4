package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

var errPeers = errors.New("no organisation in it has a peer")

// firstPeers returns the first peer of each organisation in a configuration of
// fabric-sdk-go, by the organisations' names. Errors wrap errPeers where there is none.
func firstPeers(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var sdk struct {
		Organizations map[string]struct{ Peers []string }
	}
	if err := yaml.Unmarshal(b, &sdk); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(sdk.Organizations)) {
		if peers := sdk.Organizations[name].Peers; len(peers) > 0 {
			all = append(all, peers[0])
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %w", file, errPeers)
	}
	return all, nil
}
