"""Which fields an email has, read from its payload's dataclass: the only names that a staff-written text can use."""

import dataclasses
import inspect
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints

from notifications.payloads import Payload


@dataclasses.dataclass(slots=True)
class Shape:
    """What stands behind a name: fields, the shape of a list's items, or neither (a plain value)."""

    fields: dict[str, "Shape"] = dataclasses.field(default_factory=dict)
    items: "Shape | None" = None


LEAF = Shape()


def shape_of(payload: type) -> Shape:
    """The declared fields and properties of a dataclass; of a payload also those of its subclasses, which may come in
    its place."""
    fields = {name: _shape(kind) for name, kind in _declared(payload)}
    if issubclass(payload, Payload):
        fields["kind"] = LEAF
        for special in payload.__subclasses__():
            fields = shape_of(special).fields | fields
    return Shape(fields=fields)


def field_names(payload: type[Payload]) -> list[str]:
    """For the person who writes: "mail.lines[].sku" and so on, one level into each list."""
    names = []
    for name, shape in sorted(shape_of(payload).fields.items()):
        names.append(f"mail.{name}")
        if shape.items is not None:
            names += [f"mail.{name}[].{inner}" for inner in sorted(shape.items.fields)]
    return names


def _declared(payload: type) -> Iterator[tuple[str, Any]]:
    yield from (
        (n, k) for n, k in get_type_hints(payload).items() if not n.startswith("_") and "ClassVar" not in str(k)
    )
    for name, member in inspect.getmembers(payload, lambda member: isinstance(member, property)):
        yield name, get_type_hints(member.fget)["return"]


def _shape(kind: Any) -> Shape:
    origin = get_origin(kind)
    if origin in {list, tuple}:
        return Shape(items=_shape(get_args(kind)[0]))
    if origin in {Union, types.UnionType}:
        return _shape(next(one for one in get_args(kind) if one is not type(None)))
    if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
        return shape_of(kind)
    return LEAF
