"""When to fetch again: used by resolvers and by the background; knows no GraphQL."""
