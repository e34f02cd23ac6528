"""The folders of the library that a new site begins with. From then on they are the editors'."""

from wagtail.models import Collection

#: Names of the collections, which editors may rename, delete and add to.
COLLECTIONS = ("Institucional", "Notícias", "Documentos oficiais", "Capas de vídeos")
#: The name that Wagtail gives to the collection of all others, and ours for it.
WAGTAIL_ROOT, ROOT = "Root", "Biblioteca"


def make_collections() -> list[Collection]:
    """Make those that are not there, and return them; what exists is left alone."""
    root = Collection.get_first_root_node()
    if root.name == WAGTAIL_ROOT:
        root.name = ROOT
        root.save(update_fields=["name"])
    there = set(root.get_children().values_list("name", flat=True))
    made = []
    for name in COLLECTIONS:
        if name not in there:
            root.refresh_from_db()
            made.append(root.add_child(name=name))
    return made
