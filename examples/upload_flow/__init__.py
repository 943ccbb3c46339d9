"""From an upload to a trained replica: a web application to copy. See README.md."""
