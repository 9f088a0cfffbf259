"""The data sets, a sheet of facts each: a module here is known to all that ask `datasets.registry`."""
