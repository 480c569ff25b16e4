package pack

import "io"

// Section returns the content of an entry for access at random, unchecked.
func (p *Package) Section(name string) (*io.SectionReader, error) { return p.container.Section(name) }
