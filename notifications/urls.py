from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.messages, name="messages"),
    path("<int:message_id>/", views.message, name="message"),
    path("<int:message_id>/preview/", views.preview, name="message-preview"),
    path("<int:message_id>/preview.css", views.preview_styles, name="message-preview-styles"),
    path("<int:message_id>/message.eml", views.source, name="message-source"),
    path("<int:message_id>/send-again/", views.send_again, name="send-message-again"),
]
