"""What the desk remembers. Each thing has a module of its own."""
