"""Questions to customers: asking, answering for them, taking back; and the list of what is open."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backorders.decisions import questions as service
from backorders.decisions.decide import Decider, decide
from backorders.decisions.queries.questions import freeable_units, open_questions, questions_of, settled_questions
from backorders.decisions.substitutes import alternatives, offers_for
from backorders.desk.decisions.forms import AskCustomerForm, AskLinesForm, CustomerSettingsForm, StaffDecisionForm
from backorders.desk.orders.bulk import back_url, chosen_lines, nothing_chosen
from backorders.enums import Answer, DecidedBy, QuestionKind
from backorders.models import CustomerSettings, Decision, OrderLine, Question
from backorders.orders.bulk import LineOutcome
from config.lib.keyset import keyset_page
from config.lib.replies import is_sound, refusals_told
from config.lib.requests import StaffRequest

ALWAYS = (Answer.CANCEL_UNITS, Answer.CANCEL_REST, Answer.CANCEL_ALL, Answer.SHIP_NOW)


@require_safe
@permission_required("backorders.view_question", raise_exception=True)
def questions(request: StaffRequest) -> HttpResponse:
    """What customers are asked, the next deadline first; with `show=settled` what was decided, the latest first."""
    now = timezone.now()
    settled = request.GET.get("show") == "settled"
    page: Any
    if settled:
        page = keyset_page(settled_questions(), order=("-settled_at", "-pk"), query=request.GET)
        last: dict[int, Decision] = {}
        for decision in Decision.objects.filter(question__in=page.rows).order_by("pk"):
            last[decision.question_id or 0] = decision
        for question in page.rows:
            question.decision = last.get(question.pk)
    else:
        page = keyset_page(open_questions(), order=("deadline_at", "pk"), query=request.GET)
    context = {"page": page, "settled": settled, "now": now, "answers": Answer.choices, "freeable": freeable_units()}
    return render(request, "backorders/desk/decisions/questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("backorders.ask_customer", raise_exception=True)
def ask(request: StaffRequest, line_id: int) -> HttpResponse:
    """The page of one line for which the customer shall decide: ask by email, or write down what they said."""
    line = get_object_or_404(OrderLine.objects.select_related("order__customer", "product", "warehouse"), pk=line_id)
    offers = offers_for(line)
    form = AskCustomerForm(request.POST or None, offers=offers, initial={"kind": QuestionKind.WAIT})
    if request.method != "POST" or not form.is_valid():
        asked = questions_of([line.pk]).get(line.pk, [])
        context = {
            "line": line,
            "order": line.order,
            "form": form,
            "alternatives": alternatives(line) if line.is_open else [],
            "questions": asked,
            "decisions": line.decisions.select_related("made_by").order_by("-pk"),
            "answer_form": StaffDecisionForm(),
            "answers": list(dict.fromkeys([*(a for q in asked for a in q.answers), *ALWAYS])),
        }
        return render(request, "backorders/desk/decisions/ask.html", context)
    chosen = form.cleaned_data
    with refusals_told(request):
        service.ask(
            line_id=line.pk,
            kind=QuestionKind(chosen["kind"]),
            default=Answer(chosen["default"]),
            answer_by=chosen["answer_by"],
            substitute_id=int(chosen["substitute"] or 0),
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, "The question will be emailed to the customer.")
    return redirect(line.order)


@require_POST
@permission_required("backorders.ask_customer", raise_exception=True)
def answer_for_customer(request: StaffRequest, line_id: int) -> HttpResponse:
    """What the customer said on the phone or by letter, with the note of it."""
    line = get_object_or_404(OrderLine.objects.select_related("order"), pk=line_id)
    form = StaffDecisionForm(request.POST)
    if is_sound(request, form):
        chosen = form.cleaned_data
        with refusals_told(request):
            decision = decide(
                line_id=line.pk,
                answer=Answer(chosen["answer"]),
                question_id=chosen["question"],
                units=chosen["units"],
                seen_open=chosen["open"],
                key=chosen["key"],
                decider=Decider(DecidedBy.STAFF, user=request.user, note=chosen["note"]),
                now=timezone.now(),
            )
            messages.success(request, f"{line}: {decision.get_answer_display().lower()}.")
    return redirect(line.order)


@require_POST
@permission_required("backorders.ask_customer", raise_exception=True)
def withdraw(request: StaffRequest, question_id: int) -> HttpResponse:
    question = get_object_or_404(Question.objects.select_related("line__order"), pk=question_id)
    if service.withdraw(question_id=question.pk, now=timezone.now()):
        messages.success(request, "The question was withdrawn.")
    else:
        messages.warning(request, "The question was already answered, or the law requires it.")
    return redirect(question.line.order)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("backorders.ask_customer", raise_exception=True)
def ask_lines(request: StaffRequest) -> HttpResponse:
    """The ticked lines of the worklist, each asked by itself."""
    lines = chosen_lines(request)
    if not lines:
        return nothing_chosen(request)
    form = AskLinesForm(request.POST or None)
    context: dict[str, Any] = {"lines": lines, "form": form, "back_url": back_url(request)}
    if request.method == "POST" and form.is_valid():
        default = Answer(form.cleaned_data["default"])
        refusals = service.ask_lines(lines=lines, by=request.user, now=timezone.now(), default=default)
        context["outcomes"] = [
            LineOutcome(line, done="" if refusal else "Asked by email.", refusal=refusal) for line, refusal in refusals
        ]
        return render(request, "backorders/desk/bulk_outcomes.html", context | {"title": "Customers asked"})
    return render(request, "backorders/desk/decisions/ask_lines.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("backorders.view_customersettings", raise_exception=True)
def customer_settings(request: StaffRequest) -> HttpResponse:
    form = CustomerSettingsForm(request.POST or None, instance=CustomerSettings.objects.get())
    if request.method == "POST":
        if not request.user.has_perm("backorders.change_customersettings"):
            return HttpResponse(
                "You don't have permission to change the settings.", status=403, content_type="text/plain"
            )
        if form.is_valid():
            form.save()
            messages.success(request, "Settings saved.")
            return redirect("backorders:questions")
    status = 422 if form.errors else 200
    return render(request, "backorders/desk/decisions/customer_settings.html", {"form": form}, status=status)
