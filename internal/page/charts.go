package page

import (
	"html/template"

	"csnet/internal/chart"
)

// Charts are line charts side by side.
type Charts []chart.Chart

type chartView struct {
	Title, Numbers string
	SVG            template.HTML
	Legend         []keyView
}

type keyView struct {
	SVG          template.HTML
	Name, Number string
}

// view draws the charts; package chart escapes what it prints.
func (c Charts) view() (string, any, error) {
	var all []chartView
	for _, x := range c {
		in, err := x.Inline()
		if err != nil {
			return "", nil, err
		}
		v := chartView{Title: x.Title, Numbers: x.Numbers, SVG: template.HTML(in.SVG)}
		for _, k := range in.Legend {
			v.Legend = append(v.Legend, keyView{template.HTML(k.SVG), k.Name, k.Number})
		}
		all = append(all, v)
	}
	return "charts", all, nil
}
