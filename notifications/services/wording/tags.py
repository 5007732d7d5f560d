"""All that a staff-written text may use: four tags and these filters."""

from django.template import Library, defaultfilters, defaulttags

from config.lib import template_tags
from notifications.services.wording.reasons import reason_in_words

register = Library()
register.tag("if", defaulttags.do_if)
register.tag("for", defaulttags.do_for)
register.tag("with", defaulttags.do_with)
register.tag("comment", defaulttags.comment)

FILTERS = ("date", "default", "length", "lower", "pluralize", "title", "upper", "yesno")
for name in FILTERS:
    register.filter(name, getattr(defaultfilters, name))
register.filter("quantity", template_tags.quantity)
register.filter("reason", reason_in_words)
