package ablate

// Result is what one run found out: an entry with a seed. It grows while the run
// goes on; Done says that nothing is left to do.
type Result struct {
	Entry string `json:"entry"`
	Seed  uint64 `json:"seed"`
	// Settings is the SHA-256 of all that decides what comes out: configs, pruning,
	// sets. A run of other settings is none of this list.
	Settings string  `json:"settings"`
	Commit   string  `json:"commit"` // of csnet
	Data     string  `json:"data"`   // digest of the training pictures
	Seconds  float64 `json:"seconds"`
	Nets     []Net   `json:"nets"` // as they followed: trained, pruned, fine-tuned
	Problem  string  `json:"problem,omitempty"`
	Done     bool    `json:"done"`
}

// Net is a net of a run at one of its stages.
type Net struct {
	Stage   string  `json:"stage"` // trained, pruned or fine-tuned
	Params  int     `json:"params"`
	MACs    int     `json:"macs"` // for a picture of model.CostSide
	Steps   int     `json:"steps"`
	Seconds float64 `json:"seconds"`                  // that its training took
	ValMaxF float64 `json:"val_maxF,omitempty"`       // of its last validation
	ValMAE  float64 `json:"val_mae,omitempty"`        // likewise
	MS      float64 `json:"ms_per_picture,omitempty"` // on one thread
	Scores  []Score `json:"scores,omitempty"`
}

// Score is a net's on a test set, under the salmetric protocol.
type Score struct {
	Set    string  `json:"set"`
	Images int     `json:"images"`
	MaxF   float64 `json:"maxF"`
	MAE    float64 `json:"MAE"`
}

// The stages of a net.
const (
	Drawn     = "drawn"
	Trained   = "trained"
	Pruned    = "pruned"
	FineTuned = "fine-tuned"
)

// Net returns the net of a stage, nil where the run has not come so far.
func (r *Result) Net(stage string) *Net {
	for i := range r.Nets {
		if r.Nets[i].Stage == stage {
			return &r.Nets[i]
		}
	}
	return nil
}
