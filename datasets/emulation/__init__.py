"""Emulated twins of the data sets: a stimulus, and the sensor's own model perceiving it."""
