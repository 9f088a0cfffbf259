"""Recordings of one's own, and single files whose class is to be told."""
