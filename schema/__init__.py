"""The shape clients see. Import the assembled schema from here and nothing else."""

from schema.root import schema as schema
