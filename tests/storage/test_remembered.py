"""What was made of kept parts is remembered as long as the parts stay the same, and not without end."""

from storage.remembered import Remembered


def test_a_fact_is_remembered_for_the_parts_it_was_made_of() -> None:
    remembered: Remembered[str] = Remembered(2)
    remembered.put("a", (1, b"bytes"), "made of them")

    found = [
        remembered.get("a", (1, bytes(bytearray(b"bytes")))),
        remembered.get("a", (2, b"bytes")),
        remembered.get("a", (1, b"other")),
        remembered.get("b", (1, b"bytes")),
    ]

    assert found == ["made of them", None, None, None]


def test_what_is_made_of_other_parts_takes_the_place_of_the_old() -> None:
    remembered: Remembered[str] = Remembered(2)
    remembered.put("a", b"old", "old fact")
    remembered.put("a", b"new", "new fact")

    found = [remembered.get("a", b"old"), remembered.get("a", b"new")]

    assert found == [None, "new fact"]


def test_the_one_put_first_goes_first() -> None:
    remembered: Remembered[str] = Remembered(2)
    for key in ("a", "b", "c"):
        remembered.put(key, b"bytes", f"fact {key}")

    found = [remembered.get(key, b"bytes") for key in ("a", "b", "c")]

    assert found == [None, "fact b", "fact c"]


def test_a_memory_without_room_remembers_nothing() -> None:
    remembered: Remembered[str] = Remembered(0)
    remembered.put("a", b"bytes", "fact")

    assert remembered.get("a", b"bytes") is None
