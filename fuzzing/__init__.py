"""Asks the site for what nobody should ask, and judges the answers.

A few hundred such requests are part of the tests (``tests/test_fuzz.py``); ``make fuzz`` sends ten
thousand to a server of its own. The same seed asks the same things.
"""
