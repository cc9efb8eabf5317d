"""Alembic's scripts for the home tables; the projection's tables need none, they are made anew from blocks."""
