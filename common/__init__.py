"""What the packages share: files that are whole or not there, and compiled code that is kept."""
