"""Builds everything from the settings and returns the ASGI app. Owns start-up and shutdown; knows every room."""

import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette

from blizzard.client import Upstream
from clock import Clock, SystemClock
from metrics import Metrics
from settings import Settings, load_settings


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Starlette:
    """The app for these settings (those of the environment when none are given); opened by its lifespan."""
    ...


if __name__ == "__main__":
    from commands.main import main

    sys.exit(main(sys.argv[1:]))
