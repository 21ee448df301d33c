"""The figures of a history: those of the summary, null for what is not visible, and cursors that are versions."""

from dataclasses import replace

import pytest

from errors import BadUserInput
from models.history import (
    HistoryPage,
    HistoryRequest,
    ProfileFigures,
    connection_of,
    figures_of,
    history_request,
)
from models.paging import PageArguments, written_cursor
from models.stats_summary import summarize
from storage.codec import hash_figures
from tests.storage.made import made_player, made_profile
from tests.storage.made_history import endorsed, made_snapshot


def test_the_figures_are_those_of_the_summary_without_arguments() -> None:
    profile = made_profile()
    (row,) = profile.hero_totals
    played = replace(profile, hero_totals=(row, replace(row, hero_key="nobody yet", games_won=3, deaths=0)))

    figures = figures_of(played)

    summary = summarize(played.hero_totals, {})
    assert summary is not None
    assert (figures.games_played, figures.time_played) == (40, 7200)
    assert (figures.winrate, figures.kda) == (summary.general.winrate, summary.general.kda) == (37.5, 6.0)
    assert (figures.competitive, figures.endorsement) == (profile.competitive, 3)


def test_what_is_not_visible_is_null() -> None:
    hidden = replace(made_profile(), competitive=None, hero_totals=(), endorsement=None)

    assert figures_of(hidden) == ProfileFigures(
        competitive=None, games_played=None, time_played=None, winrate=None, kda=None, endorsement=None
    )


def test_a_moved_picture_is_no_change_and_a_rank_is() -> None:
    figures = figures_of(made_profile())
    ranks = figures.competitive
    assert ranks is not None
    assert ranks.pc is not None
    assert ranks.pc.tank is not None
    moved = replace(ranks, pc=replace(ranks.pc, tank=replace(ranks.pc.tank, role_icon=None, tier_icon="x")))
    lower = replace(ranks, pc=replace(ranks.pc, tank=replace(ranks.pc.tank, tier=4)))

    assert hash_figures(replace(figures, competitive=moved)) == hash_figures(figures)
    assert hash_figures(replace(figures, competitive=lower)) != hash_figures(figures)
    assert hash_figures(
        replace(figures, competitive=replace(ranks, pc=None, console=ranks.pc))
    ) != hash_figures(figures)


@pytest.mark.parametrize(
    ("page", "request_"),
    [
        (PageArguments(), HistoryRequest("a|1", 20)),
        (PageArguments(first=0), HistoryRequest("a|1", 0)),
        (
            PageArguments(first=100, after=written_cursor("version", 7)),
            HistoryRequest("a|1", 100, older_than=7),
        ),
        (
            PageArguments(last=5, before=written_cursor("version", 3)),
            HistoryRequest("a|1", 5, newer_than=3, from_oldest=True),
        ),
    ],
)
def test_a_page_is_asked_for_by_versions(page: PageArguments, request_: HistoryRequest) -> None:
    assert history_request("a|1", page, None, None) == request_


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadUserInput, match=r"^after: this is no cursor of ours\.$"):
        history_request("a|1", PageArguments(after=written_cursor("place", 7)), None, None)


def test_a_page_is_a_connection_whose_cursors_lead_on() -> None:
    snapshots = (made_snapshot(endorsed(2, 10), 7), made_snapshot(made_player(), 4))

    connection = connection_of(HistoryPage(snapshots, 9, has_newer=True, has_older=False))

    info = connection.page_info
    assert connection.nodes == tuple(edge.node for edge in connection.edges) == snapshots
    assert (connection.total_count, info.has_previous_page, info.has_next_page) == (9, True, False)
    assert history_request("a|1", PageArguments(after=info.start_cursor), None, None).older_than == 7
    assert history_request("a|1", PageArguments(before=info.end_cursor), None, None).newer_than == 4
