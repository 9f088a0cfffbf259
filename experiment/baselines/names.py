"""The baselines that there are, and what they see: a further one is a file here and its name below. Standard library only."""

# Each a module of this name with one class, and what it is called.
BASELINES = {
    "kmeans": "k-means",
    "patches": "k-means of patches",
    "nearest": "nearest neighbour",
    "logreg": "logistic regression",
}
COUNTS = (NUMBER, ROOT, ACTIVE) = ("counts", "root", "active")  # what is taken of the spikes of an input
