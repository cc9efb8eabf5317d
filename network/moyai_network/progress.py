"""Tells how far a command has come: a spinner for a person, plain lines for a file."""
from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Iterator

from rich.console import Console


class Progress:
    """Steps of one command, each with its duration."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Shows `text` while the step runs, and how long it took once it is done."""
        started = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(text):
                yield
            self.console.print(f"[green]✓[/green] {text} [dim]{time.monotonic() - started:.1f} s[/dim]")
        else:
            yield
            self.say(f"{text}: {time.monotonic() - started:.1f} s")

    def say(self, text: str) -> None:
        """One line by itself."""
        self.console.print(text, markup=False, soft_wrap=True)
