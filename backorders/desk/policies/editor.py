"""Writing a policy. The buttons of the page post the form back, so that it works without JavaScript too."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from backorders.desk.policies.forms.policies import PolicyDraft, PolicyForm
from backorders.desk.policies.forms.segments import FIELDS, KEY_FIELDS, STRATEGIES
from backorders.engine.policy.definition import PolicyDefinition, as_json
from backorders.engine.policy.reader import InvalidPolicy, parse_definition
from backorders.engine.policy.words import policy_in_words
from backorders.enums import BackorderReason
from backorders.errors import PolicyRefused
from backorders.models import AllocationPolicy, PolicyVersion
from backorders.runs.policies import catches, change_policy, checked, write_policy
from config.lib.errors import DomainError
from config.lib.requests import StaffRequest
from customers.models import CustomerTier
from inventory.models import Category, Warehouse


@require_http_methods(["GET", "POST"])
@permission_required("backorders.change_allocationpolicy", raise_exception=True)
def edit_policy(request: StaffRequest, policy_id: int) -> HttpResponse:
    policy = get_object_or_404(AllocationPolicy, pk=policy_id)
    newest = policy.versions.order_by("-number")[0]
    if request.method == "GET":
        start = {"name": policy.name, "description": policy.description, "based_on": newest.number}
        form = PolicyForm(policy=policy, initial=start | as_json(newest.parsed))
        return _page(request, form, PolicyDraft.of(newest.parsed), policy)
    return _posted(request, policy)


@require_http_methods(["GET", "POST"])
@permission_required("backorders.add_allocationpolicy", raise_exception=True)
def new_policy(request: StaffRequest) -> HttpResponse:
    """A new policy starts as a copy of the one that `from` names, or of the default."""
    if request.method == "GET":
        versions = PolicyVersion.objects.select_related("policy").current()
        code = request.GET.get("from", "")
        model = versions.filter(policy__code=code).first() or versions.get(policy__is_default=True)
        return _page(request, PolicyForm(initial=as_json(model.parsed)), PolicyDraft.of(model.parsed), None)
    return _posted(request, None)


@require_POST
@permission_required("backorders.view_allocationpolicy", raise_exception=True)
def policy_preview(request: StaffRequest) -> HttpResponse:
    """What the form says in words and catches now, for the page as it is being written; nothing is stored."""
    form, draft = PolicyForm(request.POST), PolicyDraft.read(request.POST)
    form.is_valid()
    return render(request, "backorders/desk/policies/_policy_preview.html", _preview(form, draft) | {"live": True})


def _posted(request: StaffRequest, policy: AllocationPolicy | None) -> HttpResponse:
    form, draft = PolicyForm(request.POST, policy=policy), PolicyDraft.read(request.POST)
    action = request.POST.get("act", "save")
    if action != "save":
        draft.act(action)
        form.is_valid()
        again = PolicyForm(policy=policy, initial=request.POST.dict())
        return _page(request, again, draft, policy, preview=_preview(form, draft))
    if form.is_valid():
        try:
            return redirect(_save(request, form, draft, policy))
        except PolicyRefused as refused:
            draft.refuse(form.refuse(refused.problems))
        except DomainError as refused:
            form.add_error(None, str(refused))
    else:
        _tell_segments(draft, form, policy)
    return _page(request, form, draft, policy)


def _save(
    request: StaffRequest, form: PolicyForm, draft: PolicyDraft, policy: AllocationPolicy | None
) -> AllocationPolicy:
    rules = form.cleaned_data
    said = {name: rules[name] for name in ("name", "description", "comment")}
    said |= {"definition": draft.definition(rules), "by": request.user, "now": timezone.now()}
    if policy is None:
        written = write_policy(code=rules["code"], **said)
        messages.success(request, f"“{written}” was saved. Simulate it, then make it the default.")
        return written
    version = change_policy(policy_id=policy.pk, based_on=rules["based_on"] or 0, **said)
    messages.success(request, f"“{rules['name']}” is saved as version {version.number}.")
    return policy


def _tell_segments(draft: PolicyDraft, form: PolicyForm, policy: AllocationPolicy | None) -> None:
    """Where the rules are wrong already, what is wrong with the segments is told as well."""
    try:
        checked(draft.definition({}), code=policy.code if policy else "")
    except PolicyRefused as refused:
        draft.refuse(form.refuse(refused.problems))


def _preview(form: PolicyForm, draft: PolicyDraft) -> dict[str, Any]:
    """The words and the live counts, or what keeps the form from having any."""
    rules = form.cleaned_data if form.is_bound else form.initial
    try:
        definition: PolicyDefinition = parse_definition(draft.definition(_sound(rules)))
    except InvalidPolicy as invalid:
        return {"rows": [(row, None) for row in draft.rows], "unclear": invalid.problems[0].reason}
    caught = catches(definition, now=timezone.now())
    return {"rows": list(zip(draft.rows, caught, strict=True)), "words": policy_in_words(definition)}


def _sound(rules: Any) -> dict[str, Any]:
    """The rules as the reader takes them; what the form has not understood yet counts as not said."""
    words = ("method", "exceptions", "fallback", "warehouses")
    return {name: value for name, value in rules.items() if isinstance(value, bool | int) or name in words}


def _page(
    request: StaffRequest,
    form: PolicyForm,
    draft: PolicyDraft,
    policy: AllocationPolicy | None,
    *,
    preview: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "draft": draft,
        "policy": policy,
        "fields": FIELDS,
        "key_fields": KEY_FIELDS,
        "strategies": STRATEGIES,
        "known": _known(),
        **(preview or _preview(form, draft)),
    }
    failed = form.is_bound and request.method == "POST"
    return render(request, "backorders/desk/policies/policy_editor.html", context, status=422 if failed else 200)


def _known() -> dict[str, list[str]]:
    """What may be typed as a value, for the browser to offer."""
    return {
        "tier": list(CustomerTier.objects.order_by("rank").values_list("code", flat=True)),
        "warehouse": list(Warehouse.objects.order_by("code").values_list("code", flat=True)[:100]),
        "category": list(Category.objects.order_by("name").values_list("name", flat=True)[:100]),
        "reason": [reason for reason in BackorderReason.values if reason],
    }
