-- To find the players that were not fetched for longest, and the percentiles of their ages.
CREATE INDEX players_by_fetched_at ON players (fetched_at);

CREATE INDEX unknown_players_by_retry_at ON unknown_players (retry_at);

CREATE INDEX catalog_by_fetched_at ON catalog (fetched_at);
