package eval

import (
	"encoding/json"

	"csnet/metrics"
)

// jsonSet is {"images": N, "salmetric": {...}, "pysod": {...}}.
type jsonSet struct {
	Images int `json:"images"`
	metrics.Scores
	EmptyMasks  int             `json:"empty_masks,omitempty"`
	WithObjects *metrics.Scores `json:"with_objects,omitempty"` // over the masks that are not empty
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
			set := jsonSet{Images: s.Result.Images, Scores: s.Result.Scores}
			if s.Objects != nil {
				set.EmptyMasks = s.Result.Images - s.Objects.Images
				set.WithObjects = &s.Objects.Scores
			}
			methods[i].Sets[s.Name] = set
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
