import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jundiai_global.settings.production")

django_application = get_wsgi_application()

# Only now are there settings.
from page_cache.wsgi import wrap  # noqa: E402

application = wrap(django_application)
