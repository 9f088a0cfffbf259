"""The study of `benchmarks/accuracy.py`: its data sets, rows, measurements and tables."""
