from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from .models import ContactPage


# Without Django's check against forged requests, which needs a cookie. It keeps others from acting
# with what a signed-in person may do; here nobody is asked who they are, and all may do the same.
# What the form needs against programs is in its signed token (`contact.tokens`).
@csrf_exempt
def send_message(request, pk: str):
    """Takes the form of the contact page ``pk``."""
    pages = ContactPage.objects.published().in_language(get_language())
    page = get_object_or_404(pages.select_related("locale"), pk=pk)
    if request.method != "POST":
        return redirect(page.get_url(request))
    return page.receive(request)
