"""The operator's view of storage, as clients see it."""

import strawberry

import models.storage
import resolvers.storage
from models.storage import StorageHealth
from schema.info import Info


@strawberry.type(
    description="How old records are: seconds since they were fetched. A share of the records is at most that old."
)
class AgePercentiles:
    p50: float = strawberry.field(description="Half of the records.")
    p90: float = strawberry.field(description="Nine tenths of the records.")
    p99: float = strawberry.field(description="Ninety-nine hundredths of the records.")


@strawberry.type(description="How much is kept of one kind.")
class StorageKind:
    kind: str = strawberry.field(description="What it is, like `players`.")
    count: int = strawberry.field(description="How many records there are.")
    size: float = strawberry.field(
        name="bytes", description="Bytes of what the records hold, without what the database adds."
    )
    ages: AgePercentiles | None = strawberry.field(
        description="How old the records are; null for kinds that are not fetched, and when there is none."
    )


@strawberry.type(description="Where facts are kept, and how much is there. At most some seconds old.")
class StorageStatus:
    backend: str = strawberry.field(
        description="The kind of storage: `sqlite`, `postgres`, `redis`, `hybrid`."
    )
    health: StorageHealth = strawberry.field(description="Whether it does its work.")
    schema_version: int = strawberry.field(description="Number of the last migration.")
    server_version: str = strawberry.field(description="Name and version of the database that answered.")
    kinds: list[StorageKind] = strawberry.field(
        metadata={"size": 20, "sized_by": ()},
        description="What is kept, kind by kind; empty while the database is out of reach.",
    )

    @strawberry.field(name="bytes", graphql_type=float, description="Bytes of all kinds together.")
    @staticmethod
    def total_bytes(parent: strawberry.Parent[models.storage.StorageStatus]) -> float:
        return resolvers.storage.total_bytes(parent)


@strawberry.type
class StorageQuery:
    @strawberry.field(
        graphql_type=StorageStatus | None,
        description="The state of storage, for its operator: needs the scope `admin`.",
    )
    @staticmethod
    async def storage(info: Info) -> models.storage.StorageStatus:
        return await resolvers.storage.storage(info.context)
