"""Statements that the database must refuse; `{name}` in them stands for a value of the `desk` fixture."""

import pytest
from django.db import IntegrityError, connection, transaction


def run(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def refused(desk, statement, *, by=IntegrityError, match=""):
    with pytest.raises(by, match=match):
        run(statement.format(**vars(desk), columns="", values=""))
