"""Scorers: one algorithm each, behind `recommender.scorer.Scorer`."""
