"""Where a mail service reports addresses that bounce; the signature is the login."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.errors import ReportNotTrusted, ReportNotUnderstood, ReportRepeated
from notifications.services.bounces import take_report

LONGEST_REPORT = 20_000


# No browser comes here, so there is no cookie that a foreign page could misuse: every report proves itself.
@csrf_exempt
@login_not_required
@require_POST
def bounces(request: HttpRequest) -> JsonResponse:
    if not settings.BOUNCE_WEBHOOK_SECRET:
        raise Http404("No secret is set, so nobody can sign a report.")
    if int(request.headers.get("Content-Length") or 0) > LONGEST_REPORT:
        return _refused("The report is too long.", 413)
    try:
        suppressed = take_report(
            body=request.body,
            timestamp=request.headers.get("X-Timestamp", ""),
            signature=request.headers.get("X-Signature", ""),
            now=timezone.now(),
        )
    except ReportNotTrusted as error:
        return _refused(str(error), 403)
    except ReportNotUnderstood as error:
        return _refused(str(error), 400)
    except ReportRepeated as error:
        return _refused(str(error), 409)
    return JsonResponse({"suppressed": suppressed})


def _refused(problem: str, status: int) -> JsonResponse:
    return JsonResponse({"error": problem}, status=status)
