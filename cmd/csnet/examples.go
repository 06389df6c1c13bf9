package main

import "github.com/spf13/cobra"

// finishExamples gives every command below c that has none its examples.
func finishExamples(c *cobra.Command) {
	if c.Example == "" {
		c.Example = examples(c.CommandPath())
	}
	for _, sub := range c.Commands() {
		finishExamples(sub)
	}
}

// examples are commands to paste, by the command that they are of.
func examples(path string) string {
	switch path {
	case "csnet quickstart":
		return `  csnet quickstart                        # into quickstart/, 90 s of training
  csnet quickstart --budget 20s --out try`
	case "csnet train":
		return `  csnet train --config own-photos --from embedded --data photos
  csnet train --config csnet-tiny -d photos -s train.epochs=20 -o runs/try
  csnet train --resume --out runs/try                 # after Ctrl-C
  csnet train --config finetune --from pruned.safetensors --data photos`
	case "csnet prune":
		return `  csnet prune -c runs/a/checkpoints/last.safetensors --ratio .4 -o p.safetensors
  csnet prune -c net.safetensors --target-params 100000 -o small.safetensors
  csnet prune -c net.safetensors --ratio 0.5 --dry-run`
	case "csnet ablate":
		return `  csnet ablate decay --data DUTS-TR --eval ECSSD      # a list in the program
  csnet ablate csnet-x1 ablation/split-3-1 --seeds 1,2 -d DUTS-TR -o runs/two
  csnet ablate mine.yaml -d photos --dry-run`
	case "csnet eval":
		return `  csnet eval --data ECSSD --baselines                 # the model in the program
  csnet eval -c old=a.safetensors -c new=b.safetensors -d ECSSD -d SOD -o scores
  csnet eval --maps maps --data ECSSD --gate ECSSD.maxF=0.9
  csnet eval --data ECSSD --out scores --shard 0/8    # and 1/8 ... 7/8, then
  csnet eval merge scores`
	case "csnet eval merge":
		return `  csnet eval merge scores
  csnet eval merge scores --gate ECSSD.maxF=0.9 --json`
	case "csnet predict":
		return `  csnet predict photo.jpg                       # writes photo_saliency.png
  csnet predict holiday --out maps              # a folder and all below it
  csnet predict -c runs/try/checkpoints/best.safetensors holiday -o maps
  csnet predict holiday --out maps --shard env  # a task of a Slurm array`
	case "csnet inspect":
		return `  csnet inspect runs/csnet-x1                         # writes inspect.html
  csnet inspect runs/dwd runs/l2 --out decays.html
  csnet inspect runs/dwd --json`
	case "csnet import":
		return `  csnet import --from csnet-L-x1.pth.tar --out x1.safetensors`
	case "csnet summary":
		return `  csnet summary                                       # the model in the program
  csnet summary --config csnet-x1 --set net.width=2
  csnet summary -c pruned.safetensors --json`
	case "csnet bench":
		return `  csnet bench --mode infer --layers
  csnet bench --config csnet-x1 --mode train --batch 24 --threads 2
  csnet bench -c pruned.safetensors --mode infer --size 448 --json`
	}
	return moreExamples(path)
}

// moreExamples are those of the commands for data and configs, and of the program.
func moreExamples(path string) string {
	switch path {
	case "csnet data check":
		return `  csnet data check photos
  csnet data check photos --preview sheet.png
  csnet data check --images pictures/train --masks labels/train
  csnet data check photos --json`
	case "csnet data stats":
		return `  csnet data stats photos --out centre.png`
	case "csnet data split":
		return `  csnet data split photos --share 0.1 --out parts`
	case "csnet data shrink":
		return `  csnet data shrink photos --side 512 --out photos512`
	case "csnet data preview":
		return `  csnet data preview photos --config csnet-x1 --out preview.png`
	case "csnet config list":
		return `  csnet config list
  csnet config list --json`
	case "csnet config show":
		return `  csnet config show csnet-x1
  csnet config show own-photos --resolved --set train.epochs=20`
	case "csnet config init":
		return `  csnet config init                                   # writes csnet.yaml
  csnet config init --from csnet-x1 --out mine.yaml`
	case "csnet version":
		return `  csnet version
  csnet version --json`
	}
	return ""
}
