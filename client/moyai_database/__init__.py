"""A relational database as web UI and bridge open it: SQLite in a file, or PostgreSQL by URL."""
