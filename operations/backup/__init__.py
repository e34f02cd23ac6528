"""Backup and restore: one archive with the database and all files, and back again.

The archive is a tar (POSIX.1-2001), read and written as a stream, with the files first and its
manifest last. With a key it is in an age file (https://age-encryption.org/v1): chunks of 64 KiB,
each authenticated and the last one marked, so that a change or a cut is found (ChaCha20-Poly1305
in the STREAM construction).
"""


class BackupError(Exception):
    """Why nothing was done, in Portuguese. What was there before is untouched."""
