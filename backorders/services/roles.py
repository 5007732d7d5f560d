"""Who may do what: one table, written into Django's groups after each migration."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

EVERYBODY = frozenset({"viewer", "order desk", "warehouse", "buyer", "planner", "administrator"})
ROLES = sorted(EVERYBODY)
DESK = frozenset({"order desk", "administrator"})
WAREHOUSE = frozenset({"warehouse", "administrator"})
BUYER = frozenset({"buyer", "administrator"})
PLANNER = frozenset({"planner", "administrator"})
ADMINISTRATOR = frozenset({"administrator"})

# Permission → the roles that have it. Whatever is not listed here, nobody but a superuser may.
PERMISSIONS: dict[str, frozenset[str]] = {
    "backorders.view_salesorder": EVERYBODY,
    "backorders.view_orderline": EVERYBODY,
    "backorders.view_shipment": EVERYBODY,
    "backorders.view_allocationrun": EVERYBODY,
    "backorders.view_allocationpolicy": EVERYBODY,
    "backorders.place_order": DESK,
    "backorders.cancel_line": DESK,
    "backorders.correct_reason": DESK | BUYER | PLANNER,
    "backorders.import_csv": DESK | BUYER | WAREHOUSE,
    "backorders.pick_order": WAREHOUSE,
    "backorders.ship_order": WAREHOUSE,
    "backorders.return_goods": WAREHOUSE,
    "backorders.receive_goods": WAREHOUSE,
    "backorders.correct_stock": WAREHOUSE,
    "backorders.run_allocation": PLANNER,
    "backorders.simulate_allocation": PLANNER | DESK | BUYER,
    "backorders.change_allocationpolicy": PLANNER,
    "backorders.change_desksettings": PLANNER,
    "backorders.view_desksettings": PLANNER,
}


@transaction.atomic(using="owner")
def sync_roles() -> None:
    """Make the groups and their permissions as the table says. Raises Permission.DoesNotExist for a misspelt one."""
    for role in ROLES:
        group, _ = Group.objects.using("owner").get_or_create(name=role)
        group.permissions.set([_permission(name) for name, roles in PERMISSIONS.items() if role in roles])


def _permission(name: str) -> Permission:
    app_label, codename = name.split(".")
    return Permission.objects.using("owner").get(content_type__app_label=app_label, codename=codename)
