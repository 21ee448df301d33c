"""The info object of this API's fields, its context typed."""

import strawberry

from resolvers.context import RequestContext

Info = strawberry.Info[RequestContext, None]
