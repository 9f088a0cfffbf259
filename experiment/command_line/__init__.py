"""What is typed: options, their values, signals. Standard library only."""
