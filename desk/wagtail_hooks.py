"""Where the desk enters Wagtail's admin. Each thing registers its hooks in its own module."""
