"""Tracebacks: free what an exception keeps alive."""


def drop_tracebacks(error: BaseException | None) -> None:
    """Drop the tracebacks of an exception and its causes, which would keep everything alive that the operation held."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        drop_tracebacks(error.__cause__)
        error = error.__context__
