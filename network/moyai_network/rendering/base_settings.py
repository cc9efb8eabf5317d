"""Settings that are the same everywhere (base/*.yaml) with those of one node laid over them."""
from __future__ import annotations

from importlib.resources import files
from typing import Any, Mapping

import yaml


def with_base(name: str, own: Mapping[str, Any]) -> str:
    """YAML text of base/`name`.yaml with `own` laid over it, mapping by mapping."""
    base = yaml.safe_load(files("moyai_network.rendering").joinpath("base", f"{name}.yaml").read_text("utf-8"))
    return to_yaml(_overlaid(base, own))


def to_yaml(document: Mapping[str, Any]) -> str:
    """Readable YAML in the document's own order, without aliases."""
    return yaml.dump(document, Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=120)


def _overlaid(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = _overlaid(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged


class _NoAliases(yaml.SafeDumper):
    """Every value written out: a reader of a settings file should not have to follow anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
