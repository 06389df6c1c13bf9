package summary

import (
	"encoding/json"
	"fmt"
	"io"

	"csnet/internal/table"
	"csnet/model"
)

// Net is one row of a list of nets.
type Net struct {
	Name string
	Spec model.Spec
}

// List writes one line per net: parameters, MACs and the authors' FLOPs at
// model.CostSide, for a terminal of width columns (0: no limit).
func List(w io.Writer, nets []Net, width int) error {
	t := table.Table{Header: []string{"net", "parameters", "MACs", "authors' FLOPs"}, Left: 1}
	for _, n := range nets {
		c := n.Spec.Cost(model.CostSide, model.CostSide)
		t.Rows = append(t.Rows, []string{n.Name, table.Int(c.Params), giga(c.MACs), giga(c.FLOPs)})
	}
	if err := t.Write(w, width); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nMACs and FLOPs at %dx%d, batch 1\n", model.CostSide, model.CostSide)
	return err
}

// row is a net in the JSON of a list.
type row struct {
	Name   string `json:"name"`
	Params int    `json:"params"`
	MACs   int    `json:"macs"`
	FLOPs  int    `json:"authors_flops"`
}

// ListJSON writes the list as one object: {"nets": [{"name", "params", "macs",
// "authors_flops"}]}.
func ListJSON(w io.Writer, nets []Net) error {
	var list struct {
		Nets []row `json:"nets"`
	}
	for _, n := range nets {
		c := n.Spec.Cost(model.CostSide, model.CostSide)
		list.Nets = append(list.Nets, row{n.Name, c.Params, c.MACs, c.FLOPs})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(list)
}
