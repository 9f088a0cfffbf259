"""The network of Diehl & Cook (2015)."""
