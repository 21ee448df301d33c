-- Players, the ids they are found under, and the ids upstream does not know.

-- What most queries read, and the row that a confirmation rewrites: so it is small.
CREATE TABLE players (
    blizzard_id TEXT NOT NULL PRIMARY KEY,
    battletag TEXT,
    version BIGINT NOT NULL,
    facts_hash TEXT NOT NULL,
    parser_version BIGINT NOT NULL,
    data_version BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    profile BYTEA NOT NULL
);

-- What few queries read: the statistics, and what upstream sent.
CREATE TABLE player_careers (
    blizzard_id TEXT NOT NULL PRIMARY KEY REFERENCES players (blizzard_id) ON DELETE CASCADE,
    career BYTEA NOT NULL,
    search_row TEXT,
    page BYTEA NOT NULL
);

-- Every id under which a player was found; the player's own id is one of them.
CREATE TABLE player_ids (
    player_id TEXT NOT NULL PRIMARY KEY,
    blizzard_id TEXT NOT NULL REFERENCES players (blizzard_id) ON DELETE CASCADE
);

CREATE INDEX player_ids_by_player ON player_ids (blizzard_id);

-- A note about a kept player is under the id that its aliases lead to.
CREATE TABLE unknown_players (
    player_id TEXT NOT NULL PRIMARY KEY,
    check_count BIGINT NOT NULL,
    checked_at BIGINT NOT NULL,
    retry_at BIGINT NOT NULL
);
