"""How the site bears a newsroom of a hundred thousand articles: ``make bench``."""
