package inspect

import (
	"cmp"
	"time"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/signing/trust"
)

// inspectFounder looks at founder files (spec/trust.md, "Founder file").
func inspectFounder(i *Inspection, f *inspected) (bool, error) {
	if !f.begins("custody-founder/v1\n") {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "founder", "founder file: what a state brings to a trust list"
	founder, _, err := trust.OpenFounder(b)
	if err != nil {
		return true, err
	}
	i.fact("state", "%s", founder.State)
	i.fact("list key", "%s", founder.Key)
	i.fact("ledger", "%s", founder.Log)
	i.fact("witness", "%s", founder.Witness)
	i.fact("auditor", "%s", founder.Auditor)
	i.fact("authority", "%s", founder.Authority)
	i.fact("sha256", "%s", hexSum(b))
	i.Note = "Its own list key signed it. Whose key that is, its state has to say by another way than the file came by."
	return true, nil
}

// inspectTrustFile looks at trust files (spec/trust.md, "Trust file").
func inspectTrustFile(i *Inspection, f *inspected) (bool, error) {
	if !f.begins(`{"certificates":[`) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	t, err := trustlist.ParseFile(b)
	if err != nil {
		return true, err
	}
	v, err := t.Show(time.Time{})
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "trust-file", "trust list with its policies and certificates"
	i.fact("version", "%d", v.Version)
	if v.SHA256 != "" {
		i.fact("sha256", "%s", v.SHA256)
	}
	i.fact("signed by", "%s", cmp.Or(shortList(v.Signed), "none"))
	if v.Missing != "" {
		i.fact("missing", "%s", v.Missing)
	}
	i.fact("policies", "%d", len(t.Policies))
	i.fact("certificates", "%d", len(t.Certs))
	i.Note = "custody trust show " + i.File + " says what is in it, custody trust verify whether it follows a list that is trusted."
	return true, nil
}
