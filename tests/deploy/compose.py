"""Reads docker-compose.yml as Compose does: variables put in, profiles chosen."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.architecture.sources import ROOT

FILE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?:(:?[-?+])([^}]*))?\}|(\w+))")

Service = dict[str, Any]


class RequiredVariable(Exception):
    """What Compose stops with when a variable that has no default is not set."""


def load(environment: Mapping[str, str]) -> dict[str, Any]:
    """The file with the variables of `environment` put in. Raises `RequiredVariable`."""
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    interpolated: dict[str, Any] = _interpolated(loaded, environment)
    return interpolated


def started(project: Mapping[str, Any], *profiles: str) -> set[str]:
    """The services that `docker compose up` starts with these profiles."""
    services: dict[str, Service] = project["services"]
    return {
        name
        for name, service in services.items()
        if not service.get("profiles") or set(service["profiles"]) & set(profiles)
    }


def seconds(text: str) -> int:
    """A duration like `60s`."""
    return int(text.removesuffix("s"))


def _interpolated(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _interpolated(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [_interpolated(each, environment) for each in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value_of(found, environment), value)
    return value


def _value_of(found: re.Match[str], environment: Mapping[str, str]) -> str:
    name, rule, words = found[1] or found[4], found[2] or "", found[3]
    if name is None:
        return "$"
    value = environment.get(name, "")
    # With a colon an empty value is as good as none.
    is_set = bool(value) if rule.startswith(":") else name in environment
    if rule.endswith("+"):
        return str(words) if is_set else ""
    if is_set or not rule:
        return value
    if rule.endswith("?"):
        raise RequiredVariable(f"required variable {name} is missing a value: {words}")
    return str(words)
