"""From recordings to samples."""
