"""The command line: one file per group of commands; `app.py` only hands over to it."""
