//go:build ignore

// This program made the photographs and the document of the sample: no camera,
// no place and no person is in them. Run it in this folder; the files are kept
// in the repository because encoders change.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
)

type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec         { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec         { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) times(f float64) vec   { return vec{a.x * f, a.y * f, a.z * f} }
func (a vec) dot(b vec) float64     { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) unit() vec             { return a.times(1 / math.Sqrt(a.dot(a))) }
func (a vec) mirror(normal vec) vec { return a.sub(normal.times(2 * a.dot(normal))) }

// ball is one thing on the table.
type ball struct {
	at     vec
	radius float64
	colour vec
	shine  float64
}

var (
	balls = []ball{
		{vec{-1.1, 0.7, 0.2}, 0.7, vec{0.75, 0.2, 0.15}, 0.15},
		{vec{0.5, 0.5, -0.7}, 0.5, vec{0.2, 0.35, 0.7}, 0.3},
		{vec{0.9, 0.9, 1.1}, 0.9, vec{0.85, 0.8, 0.7}, 0.5},
	}
	light = vec{4, 6, -4}
)

func main() {
	for n, eye := range []vec{{0, 2, -6}, {5, 2.5, -3}, {-4, 4, -4}} {
		file, err := os.Create(fmt.Sprintf("photo-%d.jpg", n+1))
		if err == nil {
			err = jpeg.Encode(file, photograph(eye, uint64(n)), &jpeg.Options{Quality: 78})
		}
		if err == nil {
			err = file.Close()
		}
		if err == nil {
			err = os.WriteFile("report.pdf", document(), 0o644)
		}
		if err != nil {
			panic(err)
		}
	}
}

// photograph is the table seen from eye, with the grain of a sensor.
func photograph(eye vec, seed uint64) image.Image {
	const width, height = 480, 320
	grain := rand.New(rand.NewPCG(seed, 1))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	ahead := vec{0, 0.7, 0}.sub(eye).unit()
	right := vec{ahead.z, 0, -ahead.x}.unit()
	up := vec{-ahead.y * right.z, ahead.z*right.x - ahead.x*right.z, ahead.y * right.x}
	if up.y < 0 {
		up = up.times(-1)
	}
	for y := range height {
		for x := range width {
			u, v := (float64(x)-width/2)/height, (height/2-float64(y))/height
			c := trace(eye, ahead.add(right.times(u)).add(up.times(v)).unit(), 3)
			g := grain.NormFloat64() * 0.012
			img.Set(x, y, color.RGBA{level(c.x + g), level(c.y + g), level(c.z + g), 255})
		}
	}
	return img
}

func level(f float64) uint8 { return uint8(255 * math.Pow(min(1, max(0, f)), 1/2.2)) }

// trace returns what is seen from a point in a direction.
func trace(from, to vec, bounces int) vec {
	best, normal, colour, shine := math.Inf(1), vec{}, vec{}, 0.0
	if d := -from.y / to.y; d > 1e-6 {
		best, normal, colour = d, vec{0, 1, 0}, table(from.add(to.times(d)))
	}
	for _, b := range balls {
		if d, ok := b.hit(from, to); ok && d < best {
			best, normal, colour, shine = d, from.add(to.times(d)).sub(b.at).unit(), b.colour, b.shine
		}
	}
	if math.IsInf(best, 1) {
		return vec{0.55, 0.62, 0.7}.times(0.6 + 0.4*to.y)
	}
	at := from.add(to.times(best))
	bright := 0.18
	toLight := light.sub(at).unit()
	if !shadowed(at, toLight) {
		bright += 0.75 * max(0, normal.dot(toLight))
	}
	c := colour.times(bright)
	if bounces > 0 && shine > 0 {
		c = c.times(1 - shine).add(trace(at.add(normal.times(1e-4)), to.mirror(normal), bounces-1).times(shine))
	}
	return c
}

func table(at vec) vec {
	ring := 0.5 + 0.5*math.Sin(9*math.Hypot(at.x+3, 0.35*at.z)+0.8*math.Sin(2*at.z))
	return vec{0.42, 0.27, 0.15}.add(vec{0.16, 0.11, 0.06}.times(ring))
}

func shadowed(at, toLight vec) bool {
	for _, b := range balls {
		if _, ok := b.hit(at.add(toLight.times(1e-3)), toLight); ok {
			return true
		}
	}
	return false
}

func (b ball) hit(from, to vec) (float64, bool) {
	o := from.sub(b.at)
	half := o.dot(to)
	under := half*half - o.dot(o) + b.radius*b.radius
	if under < 0 {
		return 0, false
	}
	d := -half - math.Sqrt(under)
	return d, d > 1e-4
}

// document is a page of PDF (ISO 32000-1) about nothing that happened.
func document() []byte {
	lines := []string{
		"Report on the seizure (sample)", "",
		"Proceeding: SAMPLE-2026-0001", "Place: a table that a program drew", "",
		"Three objects were found on the table: a red one, a blue one and a",
		"large polished one. They were photographed from three sides",
		"(photo-1.jpg, photo-2.jpg, photo-3.jpg) and listed in inventory.csv.", "",
		"Nobody and nothing in this report exists.",
	}
	var text bytes.Buffer
	text.WriteString("BT /F1 12 Tf 72 760 Td 18 TL\n")
	for _, l := range lines {
		fmt.Fprintf(&text, "(%s) '\n", bytes.ReplaceAll(bytes.ReplaceAll([]byte(l), []byte("("), []byte(`\(`)), []byte(")"), []byte(`\)`)))
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}
