"""Alembic's scripts for the readings database."""
