"""The demonstration: 七尾市's shelters of January 2024, and relief from need to receipt, through the ledger itself."""
