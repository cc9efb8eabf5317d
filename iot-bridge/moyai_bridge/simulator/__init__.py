"""Simulated homes: what a real home drew and fed in over a year, sent by meters that fail now and then."""
