"""Measures how fast pages are answered, against what the same machine can do at best."""
