"""Layers between the sensor and the prototypes: which suit a sensor, a kind a file."""
