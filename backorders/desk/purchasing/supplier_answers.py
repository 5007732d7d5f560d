"""A supplier's answer as the buyer sees it: what it would do to those who wait, the ways out, and the decision."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from backorders.supply.delay_impact import impact_of
from backorders.supply.mitigations import ways_out
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from inventory.desk.forms.answers import AnswerDecisionForm
from inventory.enums import INBOUND_STATUSES, AnswerState
from inventory.models import SupplierAnswer, SupplierAnswerLine, SupplierAnswerPart
from inventory.suppliers.decide import decide_on_answer

HITS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("inventory.view_supplieranswer", raise_exception=True)
def supplier_answer(request: StaffRequest, answer_id: int) -> HttpResponse:
    answer = get_object_or_404(_answers(), pk=answer_id)
    proposals = [line for line in answer.lines.all() if line.state == AnswerState.OPEN]
    form = AnswerDecisionForm(request.POST if request.method == "POST" else None, proposals=proposals)
    if request.method == "POST":
        if not request.user.has_perm("inventory.confirm_purchaseorder"):
            return HttpResponse(
                "You don't have permission to decide on answers.", status=403, content_type="text/plain"
            )
        if form.is_valid():
            with refusals_beside(form):
                decide_on_answer(answer_id=answer.pk, decisions=form.decisions(), by=request.user, now=timezone.now())
                messages.success(request, f"Decision saved. {answer.purchase_order.supplier.name} will be emailed.")
                return redirect("backorders:supplier-answer", answer.pk)
    return _page(request, answer, proposals, form)


def _page(
    request: StaffRequest, answer: SupplierAnswer, proposals: list[SupplierAnswerLine], form: AnswerDecisionForm
) -> HttpResponse:
    now = timezone.now()
    open_order = answer.purchase_order.status in INBOUND_STATUSES
    impact = impact_of(answer, proposals if open_order else [], now=now)
    return render(
        request,
        "backorders/desk/purchasing/supplier_answer.html",
        {
            "answer": answer,
            "order": answer.purchase_order,
            "rows": [(line, _fields(form, line) if line in proposals else None) for line in answer.lines.all()],
            "proposals": proposals,
            "can_decide": bool(proposals) and open_order,
            "form": form,
            "impact": impact,
            "hits": impact.later[:HITS_SHOWN],
            "more": max(0, len(impact.later) - HITS_SHOWN),
            "earlier": len(impact.hits) - len(impact.later),
            "ways": ways_out(answer, proposals, impact, now=now),
            "currency": next(iter({hit.line.order.currency for hit in impact.later}), ""),
        },
        status=422 if form.is_bound and form.errors else 200,
    )


def _fields(form: AnswerDecisionForm, proposal: SupplierAnswerLine) -> dict[str, object]:
    return {name: form[f"{name}-{proposal.pk}"] for name in ("verdict", "counter_on", "note")}


def _answers():
    parts = SupplierAnswerPart.objects.order_by("available_on", "pk")
    lines = (
        SupplierAnswerLine.objects.select_related(
            "purchase_order_line__product", "purchase_order_line__purchase_order", "decided_by"
        )
        .prefetch_related(Prefetch("parts", parts))
        .order_by("purchase_order_line__number")
    )
    return SupplierAnswer.objects.select_related(
        "purchase_order__supplier", "purchase_order__warehouse", "link"
    ).prefetch_related(Prefetch("lines", lines))
