package vm

// Observe makes every run call f as it begins and ends each op, forwards and then
// backwards; nil ends that. An op's backward includes the outputs that are recomputed and
// the gradients that are zeroed for it.
func (vm *VM) Observe(f func(op string, backward, begin bool)) { vm.observer = f }

func (vm *VM) event(s *step, backward, begin bool) {
	if vm.observer != nil {
		vm.observer(s.op.String(), backward, begin)
	}
}

// Together names the op in whose time, between begin and end, the work of the named op is
// done: itself or, of those that run together, the last one forwards and the first one
// backwards. It is "" for a name that no op has.
func (vm *VM) Together(name string, backward bool) string {
	in := ""
	for k, s := range vm.steps {
		if s.op.String() != name {
			continue
		}
		head := vm.plan[k].Head
		if backward {
			return vm.steps[head].op.String()
		}
		for ; k < len(vm.steps) && vm.plan[k].Head == head; k++ {
			in = vm.steps[k].op.String()
		}
		break
	}
	return in
}
