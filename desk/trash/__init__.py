"""The recycle bin in the admin: deleting puts pages there, and from there they come back."""
