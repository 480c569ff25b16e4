package pack

import (
	"context"
	"hash/crc32"

	"example.org/custody/evidence"
)

// writeBagIt writes a BagIt bag: its tag files around the copies. The manifest stands
// behind them, so that each is read once.
func (w *bagged) writeBagIt(ctx context.Context, item evidence.ItemID, copies []Source) error {
	b := &BagIt{Item: item}
	for _, s := range copies { // they are in the order of the bag
		b.add(s.Member, BagCopy{Size: s.Size})
	}
	before, after := b.Tags()
	for _, t := range before {
		if err := w.tag(b.Folder, t); err != nil {
			return err
		}
	}
	if err := w.write(ctx, copies); err != nil {
		return err
	}
	for i, s := range copies {
		b.Copies[i].SHA256 = w.found[s.Where()].SHA256
	}
	for _, t := range after {
		if err := w.tag(b.Folder, t); err != nil {
			return err
		}
	}
	return nil
}

// tag writes a tag file, whose lines are made twice: size and checksum stand before it.
func (w *bagged) tag(folder string, t BagTag) error {
	size, sum := int64(0), crc32.NewIEEE()
	for line := range t.Lines {
		size += int64(len(line))
		sum.Write(line)
	}
	dst, err := w.bag.Create(folder+"/"+t.Name, size, sum.Sum32())
	if err != nil {
		return err
	}
	for line := range t.Lines {
		if _, err := dst.Write(line); err != nil {
			return err
		}
	}
	return dst.Close()
}
