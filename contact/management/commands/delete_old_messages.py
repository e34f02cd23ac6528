from django.core.management.base import BaseCommand

from contact.models import ContactMessage


class Command(BaseCommand):
    help = (
        "Deletes the contact messages whose time is over, as their senders were told. For a timer "
        "to call once a day; it may run twice, or on two machines at once."
    )

    def handle(self, *args, **options):
        count, _by_model = ContactMessage.objects.expired().delete()
        if options["verbosity"] > 0:
            self.stdout.write(self.style.SUCCESS(f"{count} messages were deleted."))
