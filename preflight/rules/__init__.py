"""The rules, one a file, named after their code and their name. ``preflight.rule`` says what a rule is."""
