"""What runs go by: the policies, what they say and said, the default one, and the settings of the desk."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backorders.desk.policies.forms.settings import DeskSettingsForm
from backorders.engine.policy.words import limits_in_words, policy_in_words, segment_in_words
from backorders.models import AllocationPolicy, AllocationRun, DeskSettings
from backorders.queue.queries.policies import changes_between, policy_list
from backorders.runs.policies import catches, choose_default_policy, use_policy
from config.lib.replies import refusals_told
from config.lib.requests import StaffRequest


@require_GET
@permission_required("backorders.view_allocationpolicy", raise_exception=True)
def policies(request: StaffRequest) -> HttpResponse:
    return _page(request, DeskSettingsForm(instance=DeskSettings.objects.get()))


@require_GET
@permission_required("backorders.view_allocationpolicy", raise_exception=True)
def policy(request: StaffRequest, policy_id: int) -> HttpResponse:
    """What it says, whom each segment catches now, and what it said before."""
    policy = get_object_or_404(AllocationPolicy, pk=policy_id)
    versions = list(policy.versions.select_related("made_by").order_by("-number"))
    current = versions[0].parsed
    caught = catches(current, now=timezone.now())
    context: dict[str, Any] = {
        "policy": policy,
        "current": versions[0],
        "words": policy_in_words(current),
        "segments": [
            (segment, segment_in_words(segment, is_rest=segment is current.rest), catch)
            for segment, catch in zip(current.all_segments, caught, strict=True)
        ],
        "limits": list(limits_in_words(current)),
        "history": [
            (version, changes_between(before, version))
            for version, before in zip(versions, [*versions[1:], None], strict=True)
        ],
        "runs": AllocationRun.objects.filter(policy_version__policy=policy).order_by("-pk")[:5],
    }
    return render(request, "backorders/desk/policies/policy.html", context)


@require_POST
@permission_required("backorders.change_allocationpolicy", raise_exception=True)
def choose_policy(request: StaffRequest, policy_id: int) -> HttpResponse:
    policy = get_object_or_404(AllocationPolicy, pk=policy_id)
    with refusals_told(request):
        choose_default_policy(policy_id=policy.pk, by=request.user, now=timezone.now())
        messages.success(request, f"“{policy}” is the default now. The next run uses it.")
    return redirect("backorders:policies")


@require_POST
@permission_required("backorders.change_allocationpolicy", raise_exception=True)
def use(request: StaffRequest, policy_id: int) -> HttpResponse:
    """Out of use, or into use again."""
    policy = get_object_or_404(AllocationPolicy, pk=policy_id)
    active = request.POST.get("active") == "yes"
    with refusals_told(request):
        use_policy(policy_id=policy.pk, active=active)
        messages.success(request, f"“{policy}” is {'in' if active else 'out of'} use.")
    return redirect("backorders:policy", policy.pk)


@require_POST
@permission_required("backorders.change_desksettings", raise_exception=True)
def desk_settings(request: StaffRequest) -> HttpResponse:
    form = DeskSettingsForm(request.POST, instance=DeskSettings.objects.get())
    if not form.is_valid():
        return _page(request, form)
    form.save()
    messages.success(request, "Settings saved.")
    return redirect("backorders:policies")


def _page(request: StaffRequest, form: DeskSettingsForm) -> HttpResponse:
    return render(request, "backorders/desk/policies/policies.html", {"rows": policy_list(), "form": form})
