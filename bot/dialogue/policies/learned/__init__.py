"""A small transformer over the states of a dialogue, learnt from stories: for talks that no story matches exactly."""
