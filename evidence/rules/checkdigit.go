package rules

import "strings"

// luhn reports whether s is digits of which the last is the Luhn check digit
// (ISO/IEC 7812-1, Annex B). At least two digits.
func luhn(s string) bool {
	if len(s) < 2 {
		return false
	}
	sum := 0
	for i := range len(s) {
		c := s[len(s)-1-i]
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if i%2 == 1 {
			d *= 2
			d = d/10 + d%10
		}
		sum += d
	}
	return sum%10 == 0
}

// grouped takes the separators out of a number as people write it.
func grouped(s string) string { return strings.NewReplacer(" ", "", "-", "", "/", "").Replace(s) }

// imei reports whether s is an IMEI: 15 digits, the last the Luhn check digit
// (3GPP TS 23.003, Annex B). The 16 digits of an IMEISV have none.
func imei(s string) bool {
	s = grouped(s)
	return len(s) == 15 && luhn(s)
}

// iccid reports whether s is a SIM card's number: 18 to 20 digits that begin
// with 89, the last the Luhn check digit (ITU-T E.118).
func iccid(s string) bool {
	s = grouped(s)
	return 18 <= len(s) && len(s) <= 20 && strings.HasPrefix(s, "89") && luhn(s)
}

// iban reports whether s is an international bank account number: two letters,
// two check digits, 11 to 30 letters and digits, 1 modulo 97 (ISO 13616).
func iban(s string) bool {
	s = strings.ToUpper(grouped(s))
	if len(s) < 15 || len(s) > 34 || !upper(s[0]) || !upper(s[1]) || !digit(s[2]) || !digit(s[3]) {
		return false
	}
	rest := 0
	for _, c := range []byte(s[4:] + s[:4]) {
		switch {
		case digit(c):
			rest = (rest*10 + int(c-'0')) % 97
		case upper(c):
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }
