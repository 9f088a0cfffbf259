"""Networks and their parameters, a model a file. Standard library only."""

MODELS = ("diehl_cook", "prototypes", "features")
