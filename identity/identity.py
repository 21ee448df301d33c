"""Who is calling, as AUTH_MODE has it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

import structlog

from clock import Clock
from errors import Forbidden, StartRefused, Unauthenticated
from identity.bearer import sent_token
from identity.callers import LOCAL, NOBODY, Caller
from identity.key_places import UnreadableKeysError, fetch, read_file
from identity.key_rings import OF_FILE, OF_URL, KeptKeys, KeyRing, SharedSecret
from identity.key_sets import NoKeySetError, read_key_set
from identity.options import AuthMode, IdentityOptions, check_options, keys_path, keys_url
from identity.own_machine import check_own_machine
from identity.refused_tokens import RefusedTokenError
from identity.tokens import TokenRules, Tokens

_log = structlog.get_logger("playgraph.identity")


class Identity:
    """Tells who calls. `refused` is called with the reason of each token that is not taken.

    Raises StartRefused for options that cannot be meant, and for a file of keys that has none.
    """

    def __init__(self, options: IdentityOptions, clock: Clock, refused: Callable[[str], None]) -> None:
        check_options(options)
        self._is_local = options.mode is AuthMode.LOCAL
        self._origins = options.origins
        self._refused = refused
        self._keys = _key_ring(options, clock) if options.mode is AuthMode.JWT else None
        rules = TokenRules(options.issuer or None, options.audience or None, options.leeway_seconds)
        self._tokens = Tokens(self._keys, rules, clock) if self._keys is not None else None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Read keys from now on, and have none read afterwards."""
        if not isinstance(self._keys, KeptKeys):
            yield
            return
        # A provider that does not answer is in the log before the first token comes; what is public goes on without it.
        self._keys.begin()
        try:
            yield
        finally:
            await self._keys.close()

    async def caller(self, headers: Mapping[bytes, bytes], init: Mapping[str, object]) -> Caller:
        """Who sends these headers (names in lower case) and this payload of `connection_init`.

        A token is looked at in the mode `jwt` alone. Raises Unauthenticated for one that is not taken, and Forbidden in
        the mode `local` for a request of elsewhere.
        """
        if self._is_local:
            return self._owner(headers)
        if self._tokens is None:
            return NOBODY
        try:
            token = sent_token(headers, init)
            return NOBODY if token is None else await self._tokens.caller(token)
        except RefusedTokenError as error:
            _log.info("token_refused", reason=error.reason.value)
            self._refused(error.reason.value)
            raise Unauthenticated(error.told) from None

    def _owner(self, headers: Mapping[bytes, bytes]) -> Caller:
        try:
            check_own_machine(headers, self._origins)
        except Forbidden as error:
            _log.info("caller_refused", reason=error.message)
            raise
        return LOCAL


def _key_ring(options: IdentityOptions, clock: Clock) -> KeyRing:
    if options.secret:
        return SharedSecret(options.secret)
    assert options.keys, "checked before"
    if url := keys_url(options.keys):
        return KeptKeys(partial(fetch, url), OF_URL, clock)
    read = partial(read_file, keys_path(options.keys))
    try:
        known = read_key_set(read())
    except (UnreadableKeysError, NoKeySetError) as error:
        raise StartRefused(
            f"JWT_KEYS: {options.keys} cannot be used ({error}); set it to a JWKS with public keys for RS256 or ES256."
        ) from None
    return KeptKeys(read, OF_FILE, clock, known)
