"""The rules of the ledger: one file a use case, run by every municipality's contract service."""
