-- Games of baseball and all that hangs on them. Nothing of a game goes without it.

CREATE TABLE games (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    league TEXT NOT NULL,
    home_team_id BIGINT NOT NULL,
    away_team_id BIGINT NOT NULL,
    mode TEXT NOT NULL,
    visibility TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    play_count BIGINT NOT NULL,
    inning BIGINT NOT NULL,
    half TEXT NOT NULL,
    outs BIGINT NOT NULL,
    on_first TEXT,
    on_second TEXT,
    on_third TEXT,
    home_score BIGINT NOT NULL,
    away_score BIGINT NOT NULL,
    status TEXT NOT NULL,
    winner_team_id BIGINT,
    roll_count BIGINT NOT NULL,
    roster_count BIGINT NOT NULL
);

CREATE INDEX games_by_league ON games (league, created_at);

-- The log: each version above 0 is one entry, with the game as it was right after it.
CREATE TABLE game_changes (
    game_id TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    game TEXT NOT NULL,
    to_play BIGINT,
    plays BIGINT,
    substitutions BIGINT,
    rolls BIGINT,
    PRIMARY KEY (game_id, version)
);

CREATE TABLE game_lineups (
    id TEXT NOT NULL PRIMARY KEY,
    game_id TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    place BIGINT NOT NULL,
    team_id BIGINT NOT NULL,
    card_id BIGINT,
    player_id BIGINT,
    position TEXT NOT NULL,
    batting_order BIGINT,
    is_starter BOOLEAN NOT NULL,
    entered_at_play BIGINT NOT NULL,
    left_at_play BIGINT,
    replaces_id TEXT,
    undone_by BIGINT,
    UNIQUE (game_id, sequence, place),
    CHECK ((card_id IS NULL AND player_id IS NOT NULL) OR (card_id IS NOT NULL AND player_id IS NULL))
);

CREATE UNIQUE INDEX game_lineups_by_slot ON game_lineups (game_id, team_id, batting_order)
WHERE left_at_play IS NULL AND undone_by IS NULL;

CREATE TABLE game_rosters (
    id TEXT NOT NULL PRIMARY KEY,
    game_id TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    team_id BIGINT NOT NULL,
    card_id BIGINT,
    player_id BIGINT,
    UNIQUE (game_id, number),
    CHECK ((card_id IS NULL AND player_id IS NOT NULL) OR (card_id IS NOT NULL AND player_id IS NULL))
);

CREATE TABLE game_plays (
    id TEXT NOT NULL PRIMARY KEY,
    game_id TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    number BIGINT NOT NULL,
    inning BIGINT NOT NULL,
    half TEXT NOT NULL,
    outs_before BIGINT NOT NULL,
    first_before TEXT,
    second_before TEXT,
    third_before TEXT,
    home_score_before BIGINT NOT NULL,
    away_score_before BIGINT NOT NULL,
    status_before TEXT NOT NULL,
    batter_id TEXT NOT NULL,
    pitcher_id TEXT NOT NULL,
    catcher_id TEXT,
    first_after TEXT,
    second_after TEXT,
    third_after TEXT,
    pa BIGINT NOT NULL,
    ab BIGINT NOT NULL,
    hit BIGINT NOT NULL,
    double BIGINT NOT NULL,
    triple BIGINT NOT NULL,
    homerun BIGINT NOT NULL,
    bb BIGINT NOT NULL,
    so BIGINT NOT NULL,
    hbp BIGINT NOT NULL,
    sac BIGINT NOT NULL,
    rbi BIGINT NOT NULL,
    runs BIGINT NOT NULL,
    outs_recorded BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    stolen_bases BIGINT NOT NULL,
    caught_stealing BIGINT NOT NULL,
    description TEXT NOT NULL,
    dice_roll TEXT,
    hit_location TEXT,
    complete BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    undone_by BIGINT,
    UNIQUE (game_id, sequence)
);

CREATE UNIQUE INDEX game_plays_by_number ON game_plays (game_id, number) WHERE undone_by IS NULL;

CREATE TABLE game_rolls (
    id TEXT NOT NULL PRIMARY KEY,
    game_id TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    game_version BIGINT NOT NULL,
    type TEXT NOT NULL,
    thrown TEXT NOT NULL,
    rolled_at BIGINT NOT NULL,
    team_id BIGINT,
    play_id TEXT,
    play_number BIGINT,
    context TEXT,
    undone_by BIGINT,
    UNIQUE (game_id, number)
);

CREATE INDEX game_rolls_by_play ON game_rolls (play_id, number);

CREATE TABLE game_sessions (
    game_id TEXT NOT NULL PRIMARY KEY REFERENCES games (id) ON DELETE CASCADE,
    connected_users TEXT NOT NULL,
    last_action_at BIGINT NOT NULL,
    snapshot BYTEA,
    saved_at BIGINT NOT NULL
);

-- What callers named their writes, for as long as they may repeat them.
CREATE TABLE game_keys (
    caller TEXT NOT NULL,
    client_key TEXT NOT NULL,
    digest TEXT NOT NULL,
    game_id TEXT NOT NULL,
    first_number BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (caller, client_key)
);

CREATE INDEX game_keys_by_expires_at ON game_keys (expires_at);
