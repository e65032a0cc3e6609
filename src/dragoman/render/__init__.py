"""Transcripts as files: subtitles, text, JSON. Pure: no I/O, no clock, no other room but core."""
