"""The small template language of staff: a few tags and filters, and nothing but the declared fields of an email.

No tag loads a file or a library, no method can be called and no attribute reached that is not a field: every variable
is checked against the payload's dataclass when the text is saved, and again when it is first used. Whatever is unknown
is refused by name and line.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from django.template import Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.defaulttags import ForNode, IfNode, WithNode
from django.template.smartif import TokenBase

from notifications.errors import TemplateRefused
from notifications.payloads import PAYLOADS
from notifications.services.wording.fields import LEAF, Shape, shape_of

LONGEST_SOURCE = 20_000
DEEPEST_LOOP = 3
FORLOOP = Shape(fields=dict.fromkeys(("counter", "counter0", "revcounter", "first", "last"), LEAF))


class _SmallEngine(Engine):
    default_builtins: ClassVar[list[str]] = []


_engine = _SmallEngine(
    builtins=["notifications.services.wording.tags"],
    autoescape=False,
    loaders=[("django.template.loaders.locmem.Loader", {})],
)


@lru_cache(maxsize=200)
def compiled(source: str, kind: str) -> Template:
    """The text as a template that can be rendered for emails of that kind. Raises TemplateRefused."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateRefused(f"The text has more than {LONGEST_SOURCE} characters.")
    try:
        template = Template(source, engine=_engine)
    except TemplateSyntaxError as error:
        line = getattr(getattr(error, "token", None), "lineno", 1)
        raise TemplateRefused(f"Line {line}: {error}") from None
    names = {"mail": shape_of(PAYLOADS[kind])} | dict.fromkeys(ADDITIONAL_NAMES, LEAF)
    _check_nodes(template.nodelist, names, depth=0)
    return template


ADDITIONAL_NAMES = ("company_name", "site_url", "preferences_url", "language")


def _check_nodes(nodes: NodeList | list[str], names: Mapping[str, Shape], *, depth: int) -> None:
    for node in nodes:
        assert isinstance(node, Node)
        match node:
            case TextNode():
                pass
            case VariableNode():
                _check_expression(node.filter_expression, names, node)
            case IfNode():
                for condition, branch in node.conditions_nodelists:
                    for expression in _expressions(condition):
                        _check_expression(expression, names, node)
                    _check_nodes(branch, names, depth=depth)
            case WithNode():
                inner = {name: _check_expression(value, names, node) for name, value in node.extra_context.items()}
                _check_nodes(node.nodelist, {**names, **inner}, depth=depth)
            case ForNode():
                _check_loop(node, names, depth=depth + 1)
            case _:
                raise _refused(node, "This tag is not allowed.")


def _check_loop(node: ForNode, names: Mapping[str, Shape], *, depth: int) -> None:
    if depth > DEEPEST_LOOP:
        raise _refused(node, f"No more than {DEEPEST_LOOP} loops inside each other.")
    assert isinstance(node.sequence, FilterExpression)
    sequence = _check_expression(node.sequence, names, node)
    if sequence.items is None or len(node.loopvars) != 1:
        raise _refused(node, f"“{node.sequence.token}” is not a list to go through.")
    inner = {**names, node.loopvars[0]: sequence.items, "forloop": FORLOOP}
    _check_nodes(node.nodelist_loop, inner, depth=depth)
    _check_nodes(node.nodelist_empty, names, depth=depth)


def _expressions(condition: Any) -> Iterator[FilterExpression]:
    if isinstance(condition, TokenBase):
        for side in (condition.first, condition.second):
            yield from _expressions(side)
        value = getattr(condition, "value", None)
        if isinstance(value, FilterExpression):
            yield value


def _check_expression(expression: FilterExpression, names: Mapping[str, Shape], node: Node) -> Shape:
    """The shape of what the expression gives; filters give plain values."""
    for _, arguments in expression.filters:
        for is_variable, argument in arguments:
            if is_variable:
                _check_variable(argument, names, node)
    shape = _check_variable(expression.var, names, node) if isinstance(expression.var, Variable) else LEAF
    return LEAF if expression.filters else shape


def _check_variable(variable: Variable, names: Mapping[str, Shape], node: Node) -> Shape:
    if variable.lookups is None:
        return LEAF
    shape = Shape(fields=dict(names))
    for lookup in variable.lookups:
        if shape.items is not None and lookup.isdigit():
            shape = shape.items
        elif lookup in shape.fields:
            shape = shape.fields[lookup]
        else:
            raise _refused(node, f"There is no field “{variable.var}”.")
    return shape


def _refused(node: Node, problem: str) -> TemplateRefused:
    token = getattr(node, "token", None)
    return TemplateRefused(f"Line {token.lineno if token else 1}: {problem}")
