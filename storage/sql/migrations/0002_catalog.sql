-- Facts that upstream publishes for everybody, by kind and key; and the text they were read from.

CREATE TABLE catalog (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    facts_hash TEXT NOT NULL,
    parser_version BIGINT NOT NULL,
    data_version BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    facts BYTEA NOT NULL,
    PRIMARY KEY (kind, key)
);

-- Read only when a newer parser reads the text again.
CREATE TABLE catalog_sources (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    source BYTEA NOT NULL,
    PRIMARY KEY (kind, key),
    FOREIGN KEY (kind, key) REFERENCES catalog (kind, key) ON DELETE CASCADE
);
