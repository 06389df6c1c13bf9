# csnet itself, and csnet summary.
run 0 "help" "$csnet" --help
grep -q '130' out || fail "--help does not name the exit codes"
usage "an unknown command" "$csnet" trian
usage "an unknown flag" "$csnet" summary --confg x
run 0 "summary of the embedded model" "$csnet" summary

layers='layers[].'
run 0 "summary of x1" "$csnet" summary --config "$root/configs/csnet-x1.yaml" --json
keys params=210985 macs authors_flops "${layers}name" "${layers}op" "${layers}in[]" "${layers}out[]" "${layers}kernel" "${layers}stride" "${layers}params" "${layers}macs"
run 0 "summary of x2" "$csnet" summary --config "$root/configs/csnet-x2.yaml" --json
keys params=788631
run 0 "summary of an extractor" "$csnet" summary --config "$root/configs/csnet-x1.yaml" --set net.extractor_only=true --json
keys params=179420 params_with_head=179501 macs_with_head
run 0 "summary, one octave" "$csnet" summary --config "$root/configs/csnet-x1.yaml" --set 'net.split=[1, 0]' --json
keys params=210985
run 0 "summary as a table" "$csnet" summary --config "$root/configs/csnet-tiny.yaml"
