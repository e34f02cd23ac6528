"""The library of images, documents and videos: what goes in, and what stays at which address."""
