-- Conversations and their messages. Messages go with their conversation and not otherwise.

CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    caller TEXT NOT NULL,
    user_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    expires_at BIGINT,
    message_count BIGINT NOT NULL
);

-- The lists of a caller: all of it, or what is of a user, or of a channel. A page tells how long its list is, so the list is
-- read as a whole, and an index in the order of activity would only be written. Two names stand in an index and not three:
-- a name has up to 255 characters of four bytes, and PostgreSQL takes 2,704 bytes.
CREATE INDEX conversations_by_user ON conversations (caller, user_id);

CREATE INDEX conversations_by_channel ON conversations (caller, channel_id);

CREATE INDEX conversations_by_expires_at ON conversations (expires_at);

-- The bytes of a content are kept beside it, so that adding them up reads no content.
CREATE TABLE messages (
    id TEXT NOT NULL PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    content_size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    parent_id TEXT,
    client_key TEXT,
    UNIQUE (conversation_id, sequence),
    UNIQUE (conversation_id, client_key),
    UNIQUE (conversation_id, id),
    FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id)
);

-- To find replies. The conversation stands first, as in the reference: whoever removes a message looks for its replies.
CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id, sequence);
