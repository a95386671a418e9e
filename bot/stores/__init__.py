"""Everything the shop must not forget, in one SQL database (SQLite by default, PostgreSQL by URL)."""
