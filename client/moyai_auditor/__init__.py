"""`moyai audit`: an independent examination of the ledger, on an SDK and with rules of its own."""
