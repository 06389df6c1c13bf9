// Command kernelgen writes the assembly of internal/kernel and its Go stubs:
//
//	go run . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel
//
// Every kernel is written once, over an isa, and emitted for AVX2+FMA and for
// AVX-512. The order in which a sum is taken depends on sizes alone.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64,!noasm")
	maskTable()
	shuffleTables()
	upTables()
	acrossTables()
	constants()
	lossTable()
	edgeTable()
	winogradTable()
	for _, s := range []*isa{avx2(), avx512()} {
		for oc := 1; oc <= s.denseMax; oc++ {
			dense(s, oc)
			denseAct(s, oc)
			winogradAct(s, oc)
		}
		denseTall(s, 1)
		denseTall(s, 2)
		winogradIn(s)
		winogradGradIn(s)
		for oc := 1; oc <= s.gradMax; oc++ {
			for taps := 1; taps <= gradTaps; taps++ {
				denseGrad(s, oc, taps)
			}
		}
		depthwise(s)
		depthwiseGrad(s)
		depthwiseAct(s, false)
		if s.wide {
			depthwiseAct(s, true)
		}
		sum(s)
		moments(s)
		copyRows(s)
		normAct(s)
		actSums(s)
		actNormGrad(s)
		add(s)
		stream(s)
		maxPool(s, 2)
		maxPool(s, 4)
		for _, add := range []bool{true, false} {
			maxPoolGrad(s, 2, add)
			maxPoolGrad(s, 4, add)
			avgPool2Grad(s, add)
		}
		avgPool2(s)
		deinterleave(s)
		for i := range upFactors {
			upRow(s, i)
			across(s, i)
			upGrad(s, i)
		}
		bce(s)
		bceGrad(s)
		peak(s)
	}
	prefetch()
	Generate()
}
