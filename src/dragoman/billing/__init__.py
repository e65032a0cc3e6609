"""Money: what a second costs, and a double-entry ledger of whole tokens."""
