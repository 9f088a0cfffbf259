"""Simulation of spiking neural networks for machine learning.

An independent implementation of the interface of BindsNET (Hazan et al. 2018).
"""
