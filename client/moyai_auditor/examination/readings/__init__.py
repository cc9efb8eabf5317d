"""INV-19's other half: the readings in a municipality's database against the roots and totals on the ledger."""
