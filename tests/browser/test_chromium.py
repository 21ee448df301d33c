"""Without a browser these tests are skipped by hand and fail in CI."""

from collections.abc import Mapping

import pytest

from tests.browser.chromium import executable

PATHS = {"chromium-browser": "/opt/second", "google-chrome": "/opt/third"}


def on_path(name: str) -> str | None:
    return PATHS.get(name)


def nowhere(name: str) -> str | None:
    return None


def test_the_first_browser_on_the_path_is_taken() -> None:
    assert executable(on_path, {"CI": "true"}) == "/opt/second"


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"REQUIRE_BACKENDS": "all"}])
def test_without_a_browser_a_test_fails_where_everything_is_required(environ: Mapping[str, str]) -> None:
    with pytest.raises(pytest.fail.Exception, match="no browser: none of chromium, "):
        executable(nowhere, environ)


@pytest.mark.parametrize("environ", [{}, {"CI": "", "REQUIRE_BACKENDS": "sqlite"}])
def test_without_a_browser_a_test_is_skipped_elsewhere(environ: Mapping[str, str]) -> None:
    with pytest.raises(pytest.skip.Exception, match="no browser: none of chromium, "):
        executable(nowhere, environ)
