"""What the library refuses, in words for the person who wrote the network."""


class NetworkError(ValueError):
    """A network, or what is presented to it, does not fit together; the message says where and why."""
