-- Background work, open and ended; and when work that comes round was last asked for.

-- An open job has the slot 0; the one that follows it has the slot 1 and moves up when the first has ended. Ended jobs
-- have none. So there are at most two open jobs of a kind and key, and only the first is ever run.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    slot BIGINT,
    state TEXT NOT NULL,
    priority BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    lease_token TEXT,
    lease_until BIGINT,
    error_code TEXT,
    error_message TEXT,
    error_retry_at BIGINT,
    UNIQUE (kind, key, slot)
);

-- In the order in which they are run.
CREATE INDEX jobs_by_turn ON jobs (slot, priority DESC, queued_at, id);

CREATE INDEX jobs_by_state ON jobs (state, queued_at, id);

CREATE INDEX jobs_by_end ON jobs (finished_at);

CREATE TABLE scheduled_jobs (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
);
