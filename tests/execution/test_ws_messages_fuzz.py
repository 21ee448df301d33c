"""Whatever JSON a client sends is a message or is refused with a reason that fits a close frame."""

import json

from hypothesis import given
from hypothesis import strategies as st

from execution.subscriptions.closings import bad_message
from execution.subscriptions.messages import BadMessageError, Complete, Subscribe, read_message

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KINDS = [
    "connection_init",
    "connection_ack",
    "ping",
    "pong",
    "subscribe",
    "next",
    "error",
    "complete",
    "",
    "x",
]
PAYLOADS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("query", "variables", "operationName", "extensions"), ANY)
)
NEAR = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS) | ANY}, optional={"id": st.text() | ANY, "payload": PAYLOADS | ANY}
)


@given(NEAR | ANY)
def test_any_json_is_a_message_or_refused(value: object) -> None:
    try:
        message = read_message(json.dumps(value))
    except BadMessageError as error:
        closing = bad_message(str(error))
        assert closing.code == 4400
        assert 0 < len(closing.reason.encode()) <= 123
    else:
        assert isinstance(value, dict)
        if isinstance(message, Subscribe | Complete):
            assert message.id == value["id"] != ""
