"""Who must show a second factor: a rule for each role, read with the person at every request."""

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.models import Group, User

from backorders.enums import SecondFactor
from backorders.models import SignInRule
from backorders.oversight.roles import ADMINISTRATOR, APPROVER, PERMISSIONS

CHANGES_STOCK = (
    *("backorders.receive_goods", "backorders.ship_order", "backorders.return_goods", "backorders.correct_stock"),
    "inventory.transfer_stock",
)
RISKY_ROLES = ADMINISTRATOR.union(APPROVER, *(PERMISSIONS[name] for name in CHANGES_STOCK))

# A superuser is asked as an administrator is. Where others are served, rights that no rule speaks of ask too: those of
# a group without a rule, and those given to the person. As querysets this took 3 to 7 ms, at every request.
PERSON = """
    SELECT person.*,
        EXISTS (SELECT FROM mfa_authenticator WHERE user_id = person.id AND type = 'totp') AS has_factor,
        EXISTS (
            SELECT FROM backorders_signinrule AS rule
            JOIN auth_group AS role ON role.id = rule.role_id
            LEFT JOIN auth_user_groups AS member ON member.group_id = role.id AND member.user_id = person.id
            WHERE (rule.second_factor = 'always' OR rule.second_factor = 'when_served' AND %(served)s)
                AND (member.id IS NOT NULL OR person.is_superuser AND role.name = 'administrator')
        )
        OR %(served)s AND EXISTS (
            SELECT FROM auth_user_groups AS member
            LEFT JOIN backorders_signinrule AS rule ON rule.role_id = member.group_id
            WHERE member.user_id = person.id AND rule.id IS NULL
        )
        OR %(served)s AND EXISTS (SELECT FROM auth_user_user_permissions WHERE user_id = person.id) AS needs_factor
    FROM auth_user AS person
    WHERE person.id = %(id)s
"""


def write_sign_in_rules() -> None:
    """A rule for each role that has none; what an administrator chose stays."""
    for role in Group.objects.using("owner").all():
        choice = SecondFactor.WHEN_SERVED if role.name in RISKY_ROLES else SecondFactor.NEVER
        SignInRule.objects.using("owner").get_or_create(role=role, defaults={"second_factor": choice})


class StaffBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with what SecondFactorMiddleware asks."""
        for user in User.objects.raw(PERSON, {"id": user_id, "served": settings.SITE_IS_SECURE}):
            return user if self.user_can_authenticate(user) else None
        return None
