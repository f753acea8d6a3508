// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The size of a panel of the plot, in pixels, and the space around what is drawn in it.
const (
	panelWidth, panelHeight = 440.0, 360.0
	left, right             = 58.0, 26.0
	top, bottom             = 34.0, 46.0
	legendHeight            = 34.0
)

// style makes the plot readable on light and on dark pages. It has a background of its own, because the page's theme need not
// be the system's.
const style = `
  .page { fill: #ffffff }
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; font-size: 13px }
  .grid { stroke: #57606a; stroke-opacity: .22 }
  .line { fill: none; stroke-width: 2 }
  .a { stroke: #1f6feb } .b { stroke: #bf5b04 } .c { stroke: #8250df } .limit { stroke: #cf222e; stroke-dasharray: 6 4 }
  .dot { stroke: none }
  .dot.a { fill: #1f6feb } .dot.b { fill: #bf5b04 } .dot.c { fill: #8250df } .dot.limit { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 }
    text { fill: #b1bac4 }
    .grid { stroke: #b1bac4 }
    .a { stroke: #58a6ff } .b { stroke: #f0883e } .c { stroke: #bc8cff } .limit { stroke: #ff7b72 }
    .dot.a { fill: #58a6ff } .dot.b { fill: #f0883e } .dot.c { fill: #bc8cff } .dot.limit { fill: #ff7b72 }
  }
`

// point is a place on a plot.
type point struct{ x, y float64 }

// line is one series of a panel.
type line struct {
	class  string
	name   string
	points []point
	dots   bool
}

// panel is one plot with logarithmic axes.
type panel struct {
	title, xTitle string
	lines         []line
}

// span is a logarithmic axis: from and to are powers of ten.
type span struct{ from, to int }

// place tells where on the axis a value is, from 0 to 1.
func (s span) place(value float64) float64 {
	return (math.Log10(value) - float64(s.from)) / float64(s.to-s.from)
}

// spanOf is the shortest axis that holds the values, at least one power of ten long. Zero and less have no place on it.
func spanOf(values []float64) span {
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v > 0 {
			least, most = min(least, v), max(most, v)
		}
	}
	if math.IsInf(least, 1) {
		return span{0, 1}
	}
	from := int(math.Floor(math.Log10(least)))
	return span{from, max(from+1, int(math.Ceil(math.Log10(most))))}
}

// spans are the panel's axes.
func (p panel) spans() (x, y span) {
	var xs, ys []float64
	for _, l := range p.lines {
		for _, at := range l.points {
			xs, ys = append(xs, at.x), append(ys, at.y)
		}
	}
	return spanOf(xs), spanOf(ys)
}

// draw writes the panel at a place.
func (p panel) draw(b *strings.Builder, x0, y0 float64) {
	xSpan, ySpan := p.spans()
	width, height := panelWidth-left-right, panelHeight-top-bottom
	xAt := func(v float64) float64 { return x0 + left + width*xSpan.place(v) }
	yAt := func(v float64) float64 { return y0 + top + height*(1-ySpan.place(v)) }

	fmt.Fprintf(b, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x0+left, y0+18, p.title)
	for e := ySpan.from; e <= ySpan.to; e++ {
		y := yAt(math.Pow10(e))
		fmt.Fprintf(b, "<path class=\"grid\" d=\"M%.1f %.1fh%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			x0+left, y, width, x0+left-7, y+4, power(e))
	}
	for e := xSpan.from; e <= xSpan.to; e++ {
		x := xAt(math.Pow10(e))
		fmt.Fprintf(b, "<path class=\"grid\" d=\"M%.1f %.1fv%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
			x, y0+top, height, x, y0+top+height+17, power(e))
	}
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x0+left+width/2, y0+panelHeight-9, p.xTitle)
	for _, l := range p.lines {
		var path strings.Builder
		for _, at := range l.points {
			if at.x <= 0 || at.y <= 0 {
				continue
			}
			command := "L"
			if path.Len() == 0 {
				command = "M"
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", command, xAt(at.x), yAt(at.y))
			if l.dots {
				fmt.Fprintf(b, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s, %s: %.3g</title></circle>\n",
					l.class, xAt(at.x), yAt(at.y), l.name, number(at.x), at.y)
			}
		}
		fmt.Fprintf(b, "<path class=\"line %s\" d=\"%s\"/>\n", l.class, &path)
	}
}

// power writes a power of ten.
func power(exponent int) string {
	return number(math.Pow10(exponent))
}

// number writes a number in full, with spaces between thousands.
func number(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if value < 10_000 {
		return text
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + " " + text[at:]
	}
	return text
}

// draw makes an SVG of panels side by side and of one legend for all.
func draw(title string, panels ...panel) string {
	var b strings.Builder
	width, height := panelWidth*float64(len(panels)), panelHeight+legendHeight
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\" "+
		"aria-labelledby=\"title\">\n"+
		"<title id=\"title\">%s</title>\n<style>%s</style>\n<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>\n",
		width, height, width, height, title, style)
	x := left
	named := make(map[string]bool)
	for i, p := range panels {
		p.draw(&b, panelWidth*float64(i), 0)
		for _, l := range p.lines {
			if named[l.name] {
				continue
			}
			named[l.name] = true
			fmt.Fprintf(&b, "<path class=\"line %s\" d=\"M%.1f %.1fh26\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
				l.class, x, panelHeight+13, x+33, panelHeight+17, l.name)
			x += 60 + 6.4*float64(len(l.name))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// plot draws how time and memory grow with the objects.
func (r *results) plot() string {
	series := func(class, name, provider, read string, figure func(sample) float64) line {
		l := line{class: class, name: name, dots: true}
		for _, objects := range r.growth {
			s := scenario{provider, read, objects, parallelisms[0], 0}
			if len(r.plans[s]) > 0 {
				l.points = append(l.points, point{float64(objects), r.of(s, figure)})
			}
		}
		return l
	}
	all := func(figure func(sample) float64) []line {
		lines := []line{
			series("a", "certops_processes", certops, plural, figure),
			series("b", "certops_process_info each", certops, singular, figure),
		}
		if r.httpVersion != "" {
			lines = append(lines, series("c", "hashicorp/http each", hashicorpHTTP, singular, figure))
		}
		return lines
	}
	limit := line{class: "limit", name: "DigiCert orders at the rate limit"}
	const steps = 40 // for each power of ten
	for step := 0; ; step++ {
		objects := math.Pow(10, float64(step)/steps)
		if objects > float64(r.growth[len(r.growth)-1]) {
			break
		}
		limit.points = append(limit.points, point{objects, atRateLimit(orderRequests(int(objects))).Seconds()})
	}
	measured := line{class: limit.class, name: limit.name, dots: true, points: []point{
		{float64(r.orders), median(pick(r.orderReads, func(r reading) float64 { return r.took.Seconds() }))},
	}}
	return draw("How time and memory grow with the number of objects",
		panel{title: "Time of a plan, s (both axes logarithmic)", xTitle: "objects", lines: append(all(wall), limit, measured)},
		panel{title: "Peak memory of the provider, MB", xTitle: "objects", lines: all(peak)},
	)
}
