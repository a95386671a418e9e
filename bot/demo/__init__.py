"""A small bilingual shop to try everything with. A real shop imports its own data in the same form."""
