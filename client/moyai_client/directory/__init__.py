"""The context `directory` from a console: the members' bootstrap, officials' accounts and keys, votes."""
from __future__ import annotations

from moyai_client.directory.accounts import new_account_id, open_official
from moyai_client.directory.bootstrap import bootstrap
from moyai_client.directory.console import Console, console_profiles, open_consoles
from moyai_client.directory.votes import vote

__all__ = ["Console", "bootstrap", "console_profiles", "new_account_id", "open_consoles", "open_official",
           "vote"]
