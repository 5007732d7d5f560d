from django.urls import path

from notifications.views import approvals, bounces, messages, preferences, rules, wordings

app_name = "notifications"
urlpatterns = [
    path("", messages.messages, name="messages"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<int:batch_id>/approve/", approvals.approve, name="approve-batch"),
    path("approvals/<int:batch_id>/reject/", approvals.reject, name="reject-batch"),
    path("suppressions/", approvals.suppressions, name="suppressions"),
    path("suppressions/<int:suppression_id>/lift/", approvals.lift, name="lift-suppression"),
    path("rules/", rules.rules, name="rules"),
    path("bounces/", bounces.bounces, name="bounces"),
    path("texts/", wordings.wordings, name="wordings"),
    path("texts/preview.css", wordings.preview_styles, name="wording-preview-styles"),
    path("texts/<slug:kind>/<slug:language>/", wordings.wording, name="wording"),
    path("<int:message_id>/", messages.message, name="message"),
    path("<int:message_id>/preview/", messages.preview, name="message-preview"),
    path("<int:message_id>/preview.css", messages.preview_styles, name="message-preview-styles"),
    path("<int:message_id>/message.eml", messages.source, name="message-source"),
    path("<int:message_id>/send-again/", messages.send_again, name="send-message-again"),
]

# What readers open from their emails, without a login.
public = (
    [
        path("<str:token>/", preferences.preferences, name="preferences"),
        path("<str:token>/stop/", preferences.stop_emails, name="opt-out"),
    ],
    "preferences",
)
