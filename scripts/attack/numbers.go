//go:build unix

package main

import (
	"path/filepath"
	"strings"
)

// number is a flag with a number that no command can do anything with, or hardly.
func number(a *arena, _ int) (trial, error) {
	ckpt := filepath.Join(a.run, "checkpoints", "last.safetensors")
	photo := "photo.jpg"
	if err := a.write(photo, a.photos[0]); err != nil {
		return trial{}, err
	}
	base := map[string][]string{
		"predict": {"predict", "--checkpoint", ckpt, "--overwrite", "--out", "map.png", photo},
		"eval":    {"eval", "--checkpoint", ckpt, "--data", a.set},
		"bench":   {"bench", "--checkpoint", ckpt, "--mode", "infer", "--runs", "1"},
		"train":   {"train", "--config", filepath.Join(a.run, "config.yaml"), "--data", a.set, "--out", "never"},
		"prune":   {"prune", "--checkpoint", ckpt, "--dry-run", "--ratio", "0.2"},
		"shrink":  {"data", "shrink", a.set, "--out", "shrunk"},
		"split":   {"data", "split", a.set, "--out", "cut"},
		"preview": {"data", "preview", a.set, "--config", filepath.Join(a.run, "config.yaml"), "--overwrite", "--out", "sheet.png"},
		"export":  {"export", "--checkpoint", ckpt, "--format", "onnx", "--overwrite", "--out", "net.onnx"},
		"serve":   {"serve", "--checkpoint", ckpt, "--addr", "127.0.0.1:-1"},
	}
	flags := []string{"predict --size", "predict --threads", "predict --save-size", "predict --margin", "predict --bits", "predict --threshold", "eval --size", "eval --threads",
		"bench --size", "bench --batch", "bench --threads", "train --threads", "train --seed", "train --set train.batch=", "train --set data.size=", "train --set optim.lr=",
		"prune --ratio", "prune --target-params", "prune --target-macs", "prune --min-channels", "prune --round-to", "shrink --side", "split --share", "preview --count", "preview --epoch",
		"export --size", "export --batch", "serve --size", "serve --threads", "serve --queue", "serve --max-bytes", "serve --max-pixels"}
	values := []string{"-1", "-9223372036854775808", "2147483648", "4611686018427387904", "9223372036854775807", "18446744073709551616", "1e9", "NaN", "Inf", "-Inf", "0x7fffffff", "", " ", "1,2", strings.Repeat("9", 400)}
	command, flag, _ := strings.Cut(flags[a.rng.IntN(len(flags))], " ")
	value := values[a.rng.IntN(len(values))]
	args := base[command]
	if name, key, ok := strings.Cut(flag, " "); ok {
		args = append(args, name, key+value)
		return trial{args: args, check: nil}, nil
	}
	return trial{args: append(args, flag+"="+value), place: strings.TrimLeft(flag, "-")}, nil
}
