"""Maps: where matches take place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Map:
    """A map. `country_code` is ISO 3166-1 alpha-2, None for places no country holds. `screenshot` is a URL."""

    key: str
    name: str
    gamemode_keys: tuple[str, ...]
    location: str
    country_code: str | None
    screenshot: str | None
