package arch

import (
	"slices"
	"strings"
	"testing"
)

const fabric = "github.com/hyperledger/"

// withSDK are the only packages that reach fabric-sdk-go, which nobody maintains. Its
// own logging reaches "testing".
var withSDK = []string{"ledger/channel", "cmd/custody-channel"}

// The channel's client stays out of whatever holds keys or decides; and no program has
// both generations of Fabric's messages, which end it at its start.
func TestFabricStandsAlone(t *testing.T) {
	for _, p := range list(t, systems[0]) {
		reaches := func(module string) bool {
			return slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, fabric+module+"/") })
		}
		if reaches("fabric-sdk-go") && !slices.Contains(withSDK, p.path()) {
			t.Errorf("%s reaches fabric-sdk-go", p.path())
		}
		if reaches("fabric-protos-go") && reaches("fabric-protos-go-apiv2") {
			t.Errorf("%s reaches both fabric-protos-go and fabric-protos-go-apiv2", p.path())
		}
	}
}
