"""E-mail that never stands in the way of the work that it tells of."""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

logger = logging.getLogger(__name__)


class AfterTheWork(BaseEmailBackend):
    """Hands messages to `DELIVERY_BACKEND` once the database has kept what they tell of.

    So work that is undone sends none, and a slow server holds no lock. A message that cannot be
    delivered is written to the log as an error, without its text: whoever saved or submitted a page
    has done so all the same.
    """

    def send_messages(self, email_messages):
        messages = list(email_messages)
        transaction.on_commit(partial(self._deliver, messages))
        return len(messages)

    def _deliver(self, messages) -> None:
        try:
            with get_connection(settings.DELIVERY_BACKEND) as connection:
                for message in messages:
                    self._deliver_one(connection, message)
        except Exception:
            logger.exception("The mail server cannot be reached: %d messages lost", len(messages))

    def _deliver_one(self, connection, message) -> None:
        try:
            message.connection = connection
            message.send()
        except Exception:
            logger.exception("Not delivered: “%s” to %d people", message.subject, len(message.to))
