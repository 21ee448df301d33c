"""The shape clients see. Import the assembled schema from here and nothing else."""

# A type takes its enums as they are when it is made.
from schema.enums import ENUMS as ENUMS
from schema.root import schema as schema
