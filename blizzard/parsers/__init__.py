"""Text of upstream in, models out; nothing here does I/O."""
