import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jundiai_global.settings.production")

django_application = get_wsgi_application()

# Only now are there settings.
from page_cache.wsgi import wrap as keep_pages  # noqa: E402

application = keep_pages(django_application)

# What is loaded by now stays: the collector need not look through it again. Nor need it look after
# every few hundred objects, when to draw one page takes many thousands that nearly all go away by
# themselves: it took up to a tenth of the time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 10)
