"""What the recommender raises: one root error, one clear sentence."""


class RecommenderError(Exception):
    """Something given to `recommender` cannot be used; the message says what, its value and what is allowed."""
