"""The HTTP and WebSocket side: one file for each kind of caller."""
