"""Flat drawings of what the demo shop sells: one function a category, from a tint to SVG elements on a 480 x 480 canvas."""
