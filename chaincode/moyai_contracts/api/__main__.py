"""`python -m moyai_contracts.api > chaincode/moyai_contracts/api.json` writes the published vocabulary anew."""
from __future__ import annotations

import json

from moyai_contracts.api import describe

print(json.dumps(describe(), ensure_ascii=False, indent=1, sort_keys=True))
