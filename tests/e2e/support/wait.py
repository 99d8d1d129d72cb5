"""Waiting without guessing: poll a condition, up to a bound."""
import time


def until(condition, seconds=15.0, what="the condition"):
    """Returns the first true value of condition(); raises AssertionError that names `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.01)
