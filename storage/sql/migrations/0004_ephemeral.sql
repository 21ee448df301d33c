-- What may go: copies, counts and leases, each until a moment of its own.
-- Keys are UTF-8 bytes: they are compared and sorted byte by byte, which is code point by code point, whatever the
-- collation of the database. A search by prefix is then a range of the primary key.

CREATE TABLE cache_entries (
    key BYTEA NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL,
    entry_order BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX cache_entries_by_expires_at ON cache_entries (expires_at);

CREATE TABLE counters (
    key BYTEA NOT NULL PRIMARY KEY,
    amount BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX counters_by_expires_at ON counters (expires_at);

CREATE TABLE leases (
    name BYTEA NOT NULL PRIMARY KEY,
    token BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX leases_by_expires_at ON leases (expires_at);
