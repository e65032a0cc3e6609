"""Where engines run: threads of this process, or child processes. Nothing here knows what an engine does."""
