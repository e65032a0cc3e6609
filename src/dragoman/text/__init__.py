"""Words in, readable sentences out: boundaries, case, marks. Pure: no I/O, no clock, no other room but core."""
