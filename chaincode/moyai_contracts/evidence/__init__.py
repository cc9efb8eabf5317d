"""Use cases of the context `evidence`."""
