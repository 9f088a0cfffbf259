"""How the network is trained and tested: which samples, in which order, how it is read out. It knows no options."""
