package rules

// ReadData reads a data file that is laid out for people, as strictly as a pack:
// no member unknown, missing, twice or null, no fractions, at most [MaxStandard]
// bytes. What it refuses is a [*LoadError] with the line. fault makes one for the
// member at a path such as days[3], or the nearest around it.
func ReadData(file string, b []byte, into any) (fault func(path, format string, args ...any) error, err error) {
	p, err := decode(file, b, into)
	if err != nil {
		return nil, err
	}
	return func(path, format string, args ...any) error { return p.fault(path, format, args...) }, nil
}

// Ident returns the name of a field as expressions write it.
func Ident(name string) string { return ident(name) }
