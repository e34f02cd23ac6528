"""The links that visitors find on the site: where each stands, and whether it still leads there."""
