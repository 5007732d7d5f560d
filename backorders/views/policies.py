"""What runs go by: the policies, the default one, and the settings of the desk."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backorders.engine.policy_words import policy_in_words
from backorders.forms.runs import DeskSettingsForm
from backorders.models import AllocationPolicy, DeskSettings, PolicyVersion
from backorders.services.policies import choose_default_policy
from backorders.views.telling import refusals_told
from config.lib.requests import StaffRequest


@require_GET
@permission_required("backorders.view_allocationpolicy", raise_exception=True)
def policies(request: StaffRequest) -> HttpResponse:
    return _page(request, DeskSettingsForm(instance=DeskSettings.objects.get()))


@require_POST
@permission_required("backorders.change_allocationpolicy", raise_exception=True)
def choose_policy(request: StaffRequest, policy_id: int) -> HttpResponse:
    policy = get_object_or_404(AllocationPolicy, pk=policy_id)
    with refusals_told(request):
        choose_default_policy(policy_id=policy.pk, by=request.user, now=timezone.now())
        messages.success(request, f"“{policy}” is the default now. The next run goes by it.")
    return redirect("backorders:policies")


@require_POST
@permission_required("backorders.change_desksettings", raise_exception=True)
def desk_settings(request: StaffRequest) -> HttpResponse:
    form = DeskSettingsForm(request.POST, instance=DeskSettings.objects.get())
    if not form.is_valid():
        return _page(request, form)
    form.save()
    messages.success(request, "The settings are saved.")
    return redirect("backorders:policies")


def _page(request: StaffRequest, form: DeskSettingsForm) -> HttpResponse:
    versions = {version.policy_id: version for version in PolicyVersion.objects.current()}
    rows = [
        (policy, policy_in_words(versions[policy.pk].parsed))
        for policy in AllocationPolicy.objects.order_by("-is_default", "-active", "pk")
    ]
    return render(request, "backorders/policies.html", {"rows": rows, "form": form})
