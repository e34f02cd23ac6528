from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where in a page: a field and, in a body, the way to a block by positions and names."""

    field: str
    path: tuple[int | str, ...] = ()

    def down(self, *steps: int | str) -> "Place":
        return Place(self.field, (*self.path, *steps))


@dataclass(frozen=True)
class Finding:
    """Something to mend, where it is and how. ``code`` names the rule, and does not change."""

    place: Place
    code: str
    message: str
    is_error: bool


def error(place: Place, code: str, message: str) -> Finding:
    """What holds the page back until it is mended."""
    return Finding(place, code, message, is_error=True)


def advice(place: Place, code: str, message: str) -> Finding:
    """What would be better otherwise."""
    return Finding(place, code, message, is_error=False)
