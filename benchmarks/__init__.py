"""Speed and accuracy, printed as tables."""
