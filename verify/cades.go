package verify

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// signature judges the CAdES signature over the manifest, which stands there for
// foreign validators and must not say otherwise than the packer's statement
// (spec/time.md, "Signature"). It is nil for a package without one.
func (s *session) signature(p *pack.Package) *Finding {
	if p.CAdES == nil {
		return nil
	}
	return conclude(checkCAdES, pack.CAdESName, s.signed(p))
}

func (s *session) signed(p *pack.Package) result {
	sig, err := cms.ParseSignature(p.CAdES)
	if err != nil {
		return undecided("the signature cannot be read: %v", err)
	}
	// Before the token is asked: a token over something else is the package's own
	// contradiction, whoever gave it.
	signed := "signed by %s at %s, at its own word"
	if sig.Token != nil {
		if !sig.Token.Covers(sig.Digest()) {
			return fails(Proof{"signature": base64.StdEncoding.EncodeToString(p.CAdES)}, "its timestamp token is over another signature")
		}
		t := judgeToken(checkCAdES, pack.CAdESName, sig.Token.DER(), s.list)
		switch {
		case t.finding.Status == Fails:
			return result{Fails, t.finding.Detail, t.finding.Proof}
		case t.counts():
			signed = "signed by %s at %s, as a timestamp token says"
		default:
			sig.Token = nil
		}
	}
	at := sig.At()
	err = sig.Verify(p.ManifestBytes, s.authorities(sig))
	key := evidence.KeyID(signing.KeyIDOf(sig.Certificate().RawSubjectPublicKeyInfo))
	switch {
	case errors.Is(err, signing.ErrSignature), errors.Is(err, cms.ErrContent):
		return fails(Proof{"signature": base64.StdEncoding.EncodeToString(p.CAdES), "manifest": p.Manifest.String()}, "it is no signature over this manifest: %v", err)
	case err != nil:
		return undecided("the certificate does not count: %v", err)
	case !slices.ContainsFunc(p.Statement.Signers, func(who evidence.Signer) bool { return who.Key == key }):
		return undecided("it was made with the key %s, which is not the packer's", key)
	}
	return s.unrevoked(sig, at, fmt.Sprintf(signed, sig.Certificate().Subject, stamp(at)), p)
}

// unrevoked asks the revocation lists that are enclosed at level LT. signed says by
// whom and when.
func (s *session) unrevoked(sig *cms.Signature, at time.Time, signed string, p *pack.Package) result {
	r := sig.Revocation(s.authorities(sig))
	switch {
	case r.Listed.IsZero():
		return holds("%s", signed)
	case r.Revoked.IsZero():
		return holds("%s; its authority's revocation list of %s does not name the certificate", signed, stamp(r.Listed))
	case !at.Before(r.Revoked):
		return fails(Proof{"signature": base64.StdEncoding.EncodeToString(p.CAdES)}, "the certificate was revoked at %s, and it was %s", stamp(r.Revoked), signed)
	case sig.Token == nil:
		return undecided("the certificate was revoked at %s, and nothing but the signer's word says that it was used before", stamp(r.Revoked))
	}
	return holds("%s; the certificate was revoked later, at %s", signed, stamp(r.Revoked))
}

// authorities returns the certificates at hand that the list lets vouch for
// officers at the time of a signature.
func (s *session) authorities(sig *cms.Signature) (certs []*x509.Certificate) {
	if s.list == nil {
		return nil
	}
	for _, der := range s.certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil || signing.CheckAuthority(cert) != nil {
			continue
		}
		if _, err := s.list.Authority(trust.Digest(signing.CertificateDigest(cert)), sig.At()); err == nil {
			certs = append(certs, cert)
		}
	}
	return certs
}
