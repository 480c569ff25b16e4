package main

import "hash/crc32"

// joinedCRC is the CRC-32 (IEEE 802.3) of a text and one of n bytes behind it, from
// those of the two. A CRC is a polynomial over GF(2), the remainder by the generator:
// n bytes more behind the first text multiply its remainder by x^8n.
func joinedCRC(first, second uint32, n int64) uint32 {
	shift, step := uint32(1)<<31, uint32(1)<<23 // x^0 and x^8: the highest bit is the lowest power
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			shift = timesCRC(shift, step)
		}
		step = timesCRC(step, step)
	}
	return timesCRC(first, shift) ^ second
}

// timesCRC multiplies two polynomials modulo the generator.
func timesCRC(a, b uint32) uint32 {
	var product uint32
	for power := uint32(1) << 31; power != 0; power >>= 1 {
		if a&power != 0 {
			product ^= b
		}
		b = b>>1 ^ crc32.IEEE&-(b&1) // times x
	}
	return product
}
