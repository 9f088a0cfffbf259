"""What a run leaves behind in its folder, and how it is read again."""
