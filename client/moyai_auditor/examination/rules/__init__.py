"""LEDGER.md's rules once more, in small: what the write sets of the blocks must obey."""
