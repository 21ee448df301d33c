"""Arguments written into a document that a scalar refuses: the caller's input is bad, not the document."""

from graphql import DocumentNode, GraphQLError, ListValueNode, Node, Visitor, visit

from errors import BadUserInput


class _Places(Visitor):
    """Where in its list a value stands."""

    def __init__(self, wanted: Node) -> None:
        super().__init__()
        self._wanted = wanted
        self.index: int | None = None

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        for index, value in enumerate(node.values):
            if value is self._wanted:
                self.index = index


def refused_input(error: GraphQLError, document: DocumentNode) -> dict[str, object] | None:
    """The extensions of a validation error that a scalar raised as BadUserInput; None for any other error.

    `index` is the place of the value in its list, when it stands in one.
    """
    if not isinstance(error.original_error, BadUserInput):
        return None
    extensions: dict[str, object] = {"code": BadUserInput.code.value}
    places = _Places(error.nodes[0]) if error.nodes else None
    if places is not None:
        visit(document, places)
        if places.index is not None:
            extensions["index"] = places.index
    return extensions
