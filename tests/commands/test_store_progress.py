"""How far a command is: plain lines in a log, a bar for a person."""

import io

from commands.store_progress import shown_progress


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_for_each_tenth_of_a_stage() -> None:
    stream = io.StringIO()
    with shown_progress(stream) as progress:
        for done in range(1001):
            progress("copying players", done, 1000)
        progress("comparing players", 0, 1000)
        progress("comparing players", 1000, 1000)

    lines = stream.getvalue().splitlines()
    assert lines[0] == "copying players: 100 of 1,000"
    assert lines[9] == "copying players: 1,000 of 1,000"
    assert lines[10:] == ["comparing players: 1,000 of 1,000"]


def test_a_stage_with_nothing_to_do_says_so() -> None:
    stream = io.StringIO()
    with shown_progress(stream) as progress:
        progress("writing catalog", 0, 0)

    assert stream.getvalue() == "writing catalog: 0 of 0\n"


def test_a_terminal_gets_a_bar_for_each_stage() -> None:
    stream = Terminal()
    with shown_progress(stream) as progress:
        for stage in ("copying players", "comparing players"):
            for done in (0, 100, 250):
                progress(stage, done, 250)

    shown = stream.getvalue()
    assert "copying players: 100%" in shown
    assert "comparing players: 100%" in shown
    assert shown.count("250/250") == 2
