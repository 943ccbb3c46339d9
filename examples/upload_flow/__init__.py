"""An upload flow to copy: see README.md."""
