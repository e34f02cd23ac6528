"""Work that Django alone does, to tell how fast the machine is while something else is measured.

Of the kind that drawing a page is: queries are put together, none is asked, and a template is
filled in.
"""

import time
from functools import cache

from django.contrib.auth.models import Permission
from django.template import Context, Engine, Template

ROWS, QUERIES = 120, 12
TABLE = """<table>{% for row in rows %}
<tr class="{% cycle 'odd' 'even' %}">
    <th scope="row">{{ row.name|capfirst }}</th>
    <td>{% if row.number > 60 %}{{ row.number|add:1 }}{% else %}{{ row.number }}{% endif %}</td>
    <td>{{ row.owner.name|default:"–" }}</td>
</tr>{% endfor %}</table>"""


@cache
def _table() -> tuple[Template, Context]:
    rows = [
        {"name": f"row & {number}", "number": number, "owner": {"name": f"<{number}>"}}
        for number in range(ROWS)
    ]
    return Engine().from_string(TABLE), Context({"rows": rows})


def measure() -> float:
    """Milliseconds of processor time that it takes this process."""
    template, context = _table()
    start = time.process_time()
    for number in range(QUERIES):
        permissions = Permission.objects.select_related("content_type")
        str(
            permissions.filter(content_type__app_label="pages", codename__startswith=str(number))
            .exclude(group__name="x")
            .order_by("content_type__model", "-codename")
            .query
        )
    template.render(context)
    return (time.process_time() - start) * 1000
