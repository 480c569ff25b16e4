package signing

import (
	"bytes"
	"crypto/elliptic"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// ErrHighS reports an ECDSA signature whose S is above half the group order:
// the twin that anyone can make from a valid signature (rule P19).
var ErrHighS = fmt.Errorf("ECDSA signature with high S: %w", ErrSignature)

// ecdsaValue is ECDSA-Sig-Value, RFC 3279 §2.2.3.
type ecdsaValue struct{ R, S *big.Int }

// parseECDSA reads der, which must be the one DER encoding of a signature whose
// R and S lie in 1 … n−1.
func parseECDSA(der []byte, curve elliptic.Curve) (ecdsaValue, error) {
	var v ecdsaValue
	rest, err := asn1.Unmarshal(der, &v)
	if err != nil || len(rest) != 0 {
		return v, fmt.Errorf("ECDSA signature is not DER: %w", ErrSignature)
	}
	again, err := asn1.Marshal(v)
	if err != nil || !bytes.Equal(again, der) {
		return v, fmt.Errorf("ECDSA signature is not in its one DER form: %w", ErrSignature)
	}
	n := curve.Params().N
	for _, x := range []*big.Int{v.R, v.S} {
		if x.Sign() <= 0 || x.Cmp(n) >= 0 {
			return v, fmt.Errorf("ECDSA signature out of range: %w", ErrSignature)
		}
	}
	return v, nil
}

func highS(s *big.Int, curve elliptic.Curve) bool {
	return new(big.Int).Lsh(s, 1).Cmp(curve.Params().N) > 0
}

// checkECDSA accepts strict DER with low S only.
func checkECDSA(der []byte, curve elliptic.Curve) error {
	v, err := parseECDSA(der, curve)
	if err != nil {
		return err
	}
	if highS(v.S, curve) {
		return ErrHighS
	}
	return nil
}

// lowS returns der with S replaced by n − S where S was high. Both are valid for
// the same key and message; exactly one of them is an envelope's.
func lowS(der []byte, curve elliptic.Curve) ([]byte, error) {
	v, err := parseECDSA(der, curve)
	if err != nil || !highS(v.S, curve) {
		return der, err
	}
	v.S = new(big.Int).Sub(curve.Params().N, v.S)
	return asn1.Marshal(v)
}
