"""A group of commands that tells an administrator in one sentence why a command failed, with exit code 1."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from moyai_client.errors import MoyaiError


class OneSentenceGroup(click.Group):
    """Errors that were foreseen become a sentence; any other keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            sentence = self.sentence(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error

    def sentence(self, error: Exception) -> str | None:
        """What an administrator has to know of an error; None where it was not foreseen."""
        return str(error) if isinstance(error, MoyaiError) else None


def variables(problems: Iterable[Mapping[str, Any]]) -> str:
    """Names of the environment's variables that pydantic found missing or wrong: `error.errors()`."""
    return ", ".join(f"MOYAI_{str(problem['loc'][0]).upper()}" for problem in problems if problem["loc"])
