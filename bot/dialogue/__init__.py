"""Rasa 3 project files in, the same dialogue as Rasa out, without Rasa."""
