"""What the packages share: the version, files that are whole or not there, and compiled code that is kept."""

VERSION = "0.9.0"  # as in CITATION.cff
