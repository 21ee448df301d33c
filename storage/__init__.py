"""The door of the storage room: what other rooms may import, and nothing else."""

from storage.open import StorageOptions, open_storage
from storage.protocols import Catalog, Players, Storage

__all__ = ["Catalog", "Players", "Storage", "StorageOptions", "open_storage"]
