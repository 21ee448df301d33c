"""GraphQL over HTTP: requests, documents with their limits, and the endpoint; knows nothing of players."""
