"""Who may do what: one table, written into Django's groups after each migration."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

EVERYBODY = frozenset({"viewer", "order desk", "warehouse", "buyer", "planner", "approver", "administrator"})
ROLES = sorted(EVERYBODY)
DESK = frozenset({"order desk", "administrator"})
WAREHOUSE = frozenset({"warehouse", "administrator"})
BUYER = frozenset({"buyer", "administrator"})
PLANNER = frozenset({"planner", "administrator"})
APPROVER = frozenset({"approver", "administrator"})
ADMINISTRATOR = frozenset({"administrator"})

# Permission → the roles that have it. Whatever is not listed here, nobody but a superuser may.
PERMISSIONS: dict[str, frozenset[str]] = {
    "backorders.view_salesorder": EVERYBODY,
    "backorders.view_orderline": EVERYBODY,
    "backorders.view_shipment": EVERYBODY,
    "backorders.view_allocationrun": EVERYBODY,
    "backorders.view_allocationpolicy": EVERYBODY,
    "backorders.view_allocation": EVERYBODY,
    "backorders.view_lineevent": EVERYBODY,
    "backorders.view_promise": EVERYBODY,
    "backorders.view_runshard": PLANNER,
    "backorders.view_queuestate": PLANNER,
    "backorders.place_order": DESK,
    "backorders.cancel_line": DESK,
    "backorders.send_trackinglink": DESK,
    "backorders.ask_customer": DESK,
    "backorders.refund_customer": DESK,
    "backorders.correct_delaycase": DESK,
    "inventory.add_substitute": BUYER | PLANNER,
    "inventory.change_substitute": BUYER | PLANNER,
    "customers.add_jurisdictionprofile": ADMINISTRATOR,
    "customers.change_jurisdictionprofile": ADMINISTRATOR,
    "backorders.view_trackinglink": DESK,
    "backorders.view_customersettings": DESK | PLANNER,
    "backorders.change_customersettings": PLANNER,
    "backorders.correct_reason": DESK | BUYER | PLANNER,
    "backorders.import_csv": DESK | BUYER | WAREHOUSE,
    "backorders.pick_order": WAREHOUSE,
    "backorders.ship_order": WAREHOUSE,
    "backorders.return_goods": WAREHOUSE,
    "backorders.receive_goods": WAREHOUSE,
    "backorders.correct_stock": WAREHOUSE,
    "backorders.run_allocation": PLANNER,
    "backorders.simulate_allocation": PLANNER | DESK | BUYER | APPROVER,
    "backorders.approve_run": APPROVER,
    "backorders.override_allocation": PLANNER | APPROVER,
    "backorders.view_lineoverride": EVERYBODY,
    "backorders.view_poolblock": EVERYBODY,
    "backorders.view_runskip": EVERYBODY,
    "backorders.view_comparison": EVERYBODY,
    "backorders.add_allocationpolicy": PLANNER,
    "backorders.view_policyversion": EVERYBODY,
    "backorders.view_runexception": EVERYBODY,
    "backorders.view_runrelease": EVERYBODY,
    "backorders.view_runparked": EVERYBODY,
    "backorders.view_runwait": EVERYBODY,
    "backorders.view_quota": EVERYBODY,
    "backorders.add_quota": PLANNER,
    "backorders.change_quota": PLANNER,
    "backorders.view_peg": EVERYBODY,
    "backorders.peg_supply": BUYER | PLANNER,
    "backorders.change_allocationpolicy": PLANNER,
    "backorders.change_desksettings": PLANNER,
    "backorders.view_desksettings": PLANNER,
    **dict.fromkeys(
        [f"backorders.view_{model}" for model in ("forecast", "demandweek", "reorderproposal", "stockoutwarning")],
        EVERYBODY,
    ),
    "backorders.mark_demand": BUYER | PLANNER,
    "backorders.plan_demand": PLANNER,
    "backorders.approve_reorderproposal": BUYER,
    **dict.fromkeys(
        [
            *(f"backorders.view_{model}" for model in ("forecastrun", "forecastoverride", "markettrend")),
            *(f"backorders.{act}_markettrend" for act in ("add", "change", "delete")),
            *("backorders.view_servicelevel", "backorders.change_servicelevel", "backorders.view_stockingrule"),
            *("backorders.add_stockingrule", "backorders.change_stockingrule"),
        ],
        PLANNER,
    ),
    "django_celery_beat.view_periodictask": PLANNER,
    "django_celery_beat.change_periodictask": PLANNER,
    "django_celery_beat.view_intervalschedule": PLANNER,
    "django_celery_beat.add_intervalschedule": PLANNER,
    "django_celery_beat.view_crontabschedule": PLANNER,
    "django_celery_beat.add_crontabschedule": PLANNER,
    **dict.fromkeys(
        [
            *(f"inventory.view_{model}" for model in ("product", "category", "warehouse", "stocklevel", "stockentry")),
            *(f"inventory.view_{model}" for model in ("supplier", "supplierproduct", "purchaseorder")),
            *(
                f"inventory.view_{model}"
                for model in ("purchaseorderline", "purchasedatechange", "receipt", "receiptline")
            ),
            *(f"inventory.view_{model}" for model in ("leadtimefit", "leadtimecurve", "leadtimescore")),
            *(
                f"inventory.view_{model}"
                for model in ("supplierlink", "supplieranswer", "supplieranswerline", "supplieranswerpart")
            ),
            *("inventory.view_supplierquestion", "inventory.view_purchasingsettings"),
            *(f"notifications.view_{model}" for model in ("message", "deliveryresult", "batch", "preference")),
            *(f"notifications.view_{model}" for model in ("suppression", "bouncereport")),
            *(f"customers.view_{model}" for model in ("customer", "contact", "customertier", "jurisdictionprofile")),
            "inventory.view_substitute",
            *(f"backorders.view_{model}" for model in ("question", "decision", "refundtask", "delaycase")),
            *(f"backorders.view_{model}" for model in ("delaynotice", "delaystep")),
        ],
        EVERYBODY,
    ),
    **dict.fromkeys(
        [
            *(
                "inventory.add_product",
                "inventory.change_product",
                "inventory.add_category",
                "inventory.change_category",
            ),
            "inventory.add_purchaseorder",
        ],
        BUYER | PLANNER,
    ),
    **dict.fromkeys(
        [
            *("inventory.add_supplier", "inventory.change_supplier", "inventory.add_supplierproduct"),
            *("inventory.change_supplierproduct", "inventory.delete_supplierproduct"),
            *("inventory.send_purchaseorder", "inventory.confirm_purchaseorder", "inventory.close_purchaseorder"),
            "inventory.change_purchasingsettings",
        ],
        BUYER,
    ),
    "inventory.transfer_stock": WAREHOUSE | PLANNER,
    **dict.fromkeys(
        [
            *(
                "customers.add_customer",
                "customers.change_customer",
                "customers.add_contact",
                "customers.change_contact",
            ),
            *("customers.delete_contact", "notifications.change_message", "notifications.change_preference"),
            "notifications.change_suppression",
        ],
        DESK,
    ),
    **dict.fromkeys(
        [
            *("inventory.add_warehouse", "inventory.change_warehouse", "customers.add_customertier"),
            *("customers.change_customertier", "notifications.view_channel", "notifications.view_mailrules"),
            *("notifications.change_mailrules", "notifications.view_templateversion"),
            *("notifications.add_templateversion", "notifications.approve_batch"),
            *("backorders.view_auditseal", "backorders.view_signinrule", "backorders.change_signinrule"),
            *("mfa.view_authenticator", "mfa.delete_authenticator"),
        ],
        ADMINISTRATOR,
    ),
}


@transaction.atomic(using="owner")
def sync_roles() -> None:
    """Make the groups and their permissions as the table says. Raises KeyError for a misspelt permission."""
    known = {
        f"{app_label}.{codename}": pk
        for pk, app_label, codename in Permission.objects.using("owner").values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role in ROLES:
        group, _ = Group.objects.using("owner").get_or_create(name=role)
        group.permissions.set([known[name] for name, roles in PERMISSIONS.items() if role in roles])
