"""The upstream: the only room that speaks to Blizzard and reads what it sends."""
