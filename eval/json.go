package eval

import (
	"encoding/json"

	"csnet/metrics"
)

// jsonSet is {"images": N, "salmetric": {...}, "pysod": {...}}.
type jsonSet struct {
	Images int `json:"images"`
	metrics.Scores
}

type jsonMethod struct {
	Name string             `json:"name,omitempty"`
	Sets map[string]jsonSet `json:"sets"`
}

// JSON is {"sets": {...}} for one method, {"methods": [{"name", "sets"}]} for
// several.
func (r *Report) JSON() ([]byte, error) {
	methods := make([]jsonMethod, len(r.Methods))
	for i, m := range r.Methods {
		methods[i] = jsonMethod{Name: m.Name, Sets: make(map[string]jsonSet)}
		for _, s := range m.Sets {
			methods[i].Sets[s.Name] = jsonSet{s.Result.Images, s.Result.Scores}
		}
	}
	if len(methods) == 1 {
		methods[0].Name = ""
		return json.MarshalIndent(methods[0], "", "  ")
	}
	return json.MarshalIndent(struct {
		Methods []jsonMethod `json:"methods"`
	}{methods}, "", "  ")
}
