"""Operations whose answer is a stream: over WebSocket, as server-sent events, and as multipart."""
