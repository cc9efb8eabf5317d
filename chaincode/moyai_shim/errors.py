"""What may go wrong between a contract and its peer."""
from __future__ import annotations


class ShimError(Exception):
    """Base of all errors of the runtime. Texts carry keys and peers' words, never values."""


class InvalidKey(ShimError):
    """A key, an attribute, a page size or a bookmark that Fabric cannot take."""


class LedgerError(ShimError):
    """The peer answered a request with an error, or with less than was asked for."""


class ResultTruncated(LedgerError):
    """The result is as long as the peer's limit allows, so its end may have been cut off silently."""


class DeadlineExceeded(ShimError):
    """The transaction has used up its time; no further request is sent to the peer."""


class StreamClosed(ShimError):
    """The peer went away; nobody waits for this transaction's answer any more."""


class WrongThread(ShimError):
    """A contract used its stub from a second thread; requests of a transaction must follow one another."""


class MessageTooLarge(ShimError):
    """A request or an answer is larger than the peer takes in one message."""
