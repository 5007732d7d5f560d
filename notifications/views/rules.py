"""The house rules of sending: quiet hours, caps, digests, what needs an approval, and who gets alerts."""

from django.contrib import messages as flash
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from config.lib.requests import StaffRequest
from notifications.forms import MailRulesForm
from notifications.models import MailRules


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("notifications.view_mailrules", raise_exception=True)
def rules(request: StaffRequest) -> HttpResponse:
    form = MailRulesForm(request.POST or None, instance=MailRules.objects.get())
    if request.method == "POST":
        if not request.user.has_perm("notifications.change_mailrules"):
            return HttpResponse(
                "You don't have permission to change the mail rules.", status=403, content_type="text/plain"
            )
        if form.is_valid():
            form.save()
            flash.success(request, "Mail rules saved.")
            return redirect("notifications:rules")
    return render(request, "notifications/rules.html", {"form": form}, status=422 if form.errors else 200)
