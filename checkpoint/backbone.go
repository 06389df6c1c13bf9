package checkpoint

import (
	"fmt"
	"strings"

	"csnet/model"
)

// unit lists the tensors of a backbone's convolution and its norm. Names are torchvision's
// or Res2Net's below "base.": base.layer1.0.conv1, base.layer1.0.bn1.
func unit(s model.Spec, l model.Layer) []entry {
	conv, bn := unitNames(s.Backbone, l.Name)
	es := []entry{whole(conv+".weight", l.TensorPath(model.Slot{Role: model.Weight}), l.Out[0], l.In[0], l.Kernel, l.Kernel)}
	return append(es, norm(bn, l, 0, l.Out[0])...)
}

// unitNames returns the names of the convolution and the norm of the unit called name.
func unitNames(backbone, name string) (conv, bn string) {
	res2net := backbone == "res2net50"
	at := strings.LastIndex(name, ".") + 1
	block, part := name[:at], name[at:]
	var k int
	switch {
	case part == "shortcut" && res2net: // number 0 is the pool
		return block + "downsample.1", block + "downsample.2"
	case part == "shortcut":
		return block + "downsample.0", block + "downsample.1"
	case scan(part, "stem%d", &k) && !res2net:
		return block + "conv1", block + "bn1"
	case scan(part, "stem%d", &k) && k == 2:
		return block + "conv1.6", block + "bn1"
	case scan(part, "stem%d", &k):
		return fmt.Sprintf("%sconv1.%d", block, 3*k), fmt.Sprintf("%sconv1.%d", block, 3*k+1)
	case scan(part, "convs%d", &k):
		return fmt.Sprintf("%sconvs.%d", block, k), fmt.Sprintf("%sbns.%d", block, k)
	}
	return name, block + "bn" + strings.TrimPrefix(part, "conv")
}

// scan reports whether text is of the format, which holds one number.
func scan(text, format string, k *int) bool {
	n, err := fmt.Sscanf(text, format, k)
	return n == 1 && err == nil
}

// csfShapes recovers the Spec of a head on a backbone from the shapes of its tensors: the
// backbone by the name of its first convolution, the head's widths by those of its norms;
// 32 groups, as in the release. ok is false where the names are those of another net.
func csfShapes(shapes map[string][]int) (s model.Spec, ok bool, err error) {
	if _, ok := shapes["fuse.conv.weights"]; !ok {
		return s, false, nil
	}
	a := model.DefaultArch()
	a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
	if _, deep := shapes[basePrefix+"conv1.0.weight"]; deep {
		a.Backbone = "res2net50"
	}
	for k := range 4 {
		name := fmt.Sprintf("fuse.bns.%d.weight", k)
		if len(shapes[name]) != 1 {
			return s, true, fmt.Errorf("tensor %s is missing or not of one side: no CSF net with the release's names", name)
		}
		a.Head = append(a.Head, shapes[name][0])
	}
	if s, err = a.Spec(); err != nil {
		return s, true, err
	}
	return s, true, checkSpec(s)
}
