"""The municipality's database: the projection of the ledger, and the home tables. SQL lives here and nowhere else."""
