"""What the three scripts share: options, network, protocol, results and figures."""
