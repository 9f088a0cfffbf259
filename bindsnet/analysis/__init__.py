"""Looking at networks: plots of spikes, voltages, weights, labels and accuracies."""
