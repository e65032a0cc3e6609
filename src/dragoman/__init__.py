"""Dragoman: self-hosted speech translation."""

__version__ = "0.1.0"
