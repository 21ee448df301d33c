"""What the facts are: frozen dataclasses and enums, with no I/O, no GraphQL and no SQL."""
