"""Faces: each turns its wire into audio and controls, and the session's events back into its wire."""
