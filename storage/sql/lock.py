"""One process per database file: a lock beside the file, which the system frees when its holder dies."""

import os
import sys
from pathlib import Path

from errors import StartRefused

if sys.platform == "win32":
    import msvcrt

    # Far behind the text: Windows would not let others read the bytes that are locked.
    _LOCKED_BYTE = 1 << 30

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from `acquire` to `release`. The file `<database>.lock` stays: removing it would open a gap in which
    two processes lock two files of the same name."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once and write this process's number into it. Raises `StartRefused` when it is held."""
        descriptor = self._open()
        try:
            _try_lock(descriptor)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        except (BlockingIOError, PermissionError) as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StartRefused(
                f"Process {holder} already has the database {self._database} open (lock file {self.path}). "
                "Stop that process, or give this one another database file."
            ) from error
        except OSError as error:
            os.close(descriptor)
            raise StartRefused(f"The lock file {self.path} cannot be locked: {error.strerror}.") from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Free the lock; without effect when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StartRefused(
                f"The lock file {self.path} cannot be written ({error.strerror}). "
                "Allow this user to write in its folder, or choose another path for the database."
            ) from error
