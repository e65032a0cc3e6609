"""One migration in one file, numbered."""
