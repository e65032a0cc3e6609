"""Who: accounts, API keys, and the short-lived tokens that are made from keys."""
