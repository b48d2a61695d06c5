"""The state of a request that is answered later without ASGI, in place of uvicorn's cycle."""


class Exchange:
    """A complete request without an answer, with the attributes of a cycle that uvicorn uses."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    more_body = False
    response_started = False

    def __init__(self) -> None:
        self.keep_alive = True
        self.response_complete = False
        self.disconnected = False

    @property
    def message_event(self) -> "Exchange":
        """The event that more of the request has arrived; nobody waits for it."""
        return self

    def set(self) -> None:
        """Do nothing."""
