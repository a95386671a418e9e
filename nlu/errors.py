"""What the understanding library raises: one root error, one clear sentence."""


class NluError(Exception):
    """Something given to `nlu` cannot be used; the message says what, its value and what is allowed."""
