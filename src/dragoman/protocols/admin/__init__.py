"""Accounts, keys and tokens over HTTP, and what the server can do: for those who run it and for their backends."""
