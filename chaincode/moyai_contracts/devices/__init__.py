"""Meters and cars, their readings' roots, substitutions and monthly totals: one file a use case."""
