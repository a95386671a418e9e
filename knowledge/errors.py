"""What the knowledge library raises: one root error, one clear sentence."""


class KnowledgeError(Exception):
    """Something given to `knowledge` cannot be used; the message says what, its value and what is allowed."""
