"""Reads blocks and judges them: hfc's old protos, the standard library and certificates, and nothing of Moyai's own.

It runs as a process of its own in its own environment (`moyai_auditor.isolated`).
"""
