"""Pages of those who run the shared ledger, `/consortium/…`."""
