"""What is asked of those who publish during an election period, and its rehearsal.

That publicity is withheld then is the matter of ``pages.visibility``.
"""
