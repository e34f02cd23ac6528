from django.core.management.base import BaseCommand, CommandError

from contact.delivery import deliver
from contact.models import ContactMessage


class Command(BaseCommand):
    help = (
        "Sends again the contact messages whose e-mail did not leave. For a timer to call every "
        "five minutes; it may run twice, or on two machines at once."
    )

    def handle(self, *args, **options):
        messages = list(ContactMessage.objects.due().order_by("next_attempt_at"))
        delivered = sum(deliver(message) for message in messages)
        waiting = ContactMessage.objects.undelivered().count()
        if options["verbosity"] > 0:
            self.stdout.write(f"{delivered} messages were delivered.")
        if waiting:
            raise CommandError(f"{waiting} messages were not delivered and will be tried again.")
