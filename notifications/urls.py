from django.urls import path

from notifications.views import messages, preferences

app_name = "notifications"
urlpatterns = [
    path("", messages.messages, name="messages"),
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
        path("<str:token>/stop/", preferences.opt_out, name="opt-out"),
    ],
    "preferences",
)
