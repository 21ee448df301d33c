-- How the figures of players changed: a row for each visible change of them.

CREATE TABLE player_history (
    blizzard_id TEXT NOT NULL REFERENCES players (blizzard_id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    figures_hash TEXT NOT NULL,
    data_version BIGINT NOT NULL,
    figures BYTEA NOT NULL,
    PRIMARY KEY (blizzard_id, version)
);

-- To find the snapshots that are past their time.
CREATE INDEX player_history_by_taken_at ON player_history (taken_at);
