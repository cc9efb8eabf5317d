"""What goes wrong with a network, each as one sentence an administrator can act on."""
from __future__ import annotations


class NetworkError(Exception):
    """A step cannot be done; the text is one clear sentence that says what to do."""


class DefinitionError(NetworkError):
    """network.yaml does not describe a consortium."""


class BinariesError(NetworkError):
    """Fabric's programs cannot be obtained or are of the wrong version."""


class ProgramFailed(NetworkError):
    """A program of the network or a Fabric command ended with an error."""
