"""Live sessions: a run, the meter that bills it and the limits that bound it, kept alive by one supervisor."""
