"""The words every other room speaks: frozen data and pure functions, no I/O, no clock."""
