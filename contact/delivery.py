"""Messages of visitors, sent on to the people of the office.

The message is kept first; its e-mail may fail as often as it likes. `deliver_messages` tries again
what did not leave.
"""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, override

logger = logging.getLogger(__name__)


def recipients_of(message) -> list[str]:
    """Who gets ``message``: whom the editors of its page named."""
    from .models import ContactPage

    page = ContactPage.objects.filter(pk=message.page_id).only("recipients").first()
    named = page.recipients.split(",") if page else []
    return [address.strip() for address in named if address.strip()]


def email_for(message, recipients: list[str]) -> EmailMessage:
    """The e-mail, in Portuguese whatever the sender's language, to be answered to the sender.

    What the sender wrote is in two headers: the subject, which is one line, and the address to
    answer to, which was found to be one. Django refuses any header with a line break.
    """
    address = f"{settings.SITE_URL}{reverse('contact_messages:read', args=[message.pk])}"
    with override(settings.LANGUAGE_CODE):
        body = render_to_string("contact/message.txt", {"message": message, "address": address})
        subject = gettext("Contato pelo site: %(subject)s") % {"subject": message.subject}
    return EmailMessage(
        subject=subject, body=body, to=recipients, reply_to=[message.email], connection=_server()
    )


def _server():
    # Past the backend that sends after the work: what becomes of the message must be known.
    return get_connection(getattr(settings, "DELIVERY_BACKEND", settings.EMAIL_BACKEND))


def deliver_soon(message) -> None:
    """Deliver ``message`` once the database has it for certain."""
    if message.next_attempt_at:
        transaction.on_commit(partial(deliver, message))


def deliver(message) -> bool:
    """Send ``message`` if it is its turn; whether it left. It never fails.

    The log names a message by its number, and says nothing of what is in it.
    """
    try:
        if not message.claim():
            return False
        recipients = recipients_of(message)
        if not recipients:
            message.give_up_delivery()
            return False
        email_for(message, recipients).send()
        message.mark_delivered()
    except Exception as error:
        logger.error("Message %d was not delivered: %s", message.pk, type(error).__name__)
        return False
    return True
