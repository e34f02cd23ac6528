"""What waits for each editor: on the admin's first page, and in whole lists of its own."""
