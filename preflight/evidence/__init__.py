"""What is: facts read from files, gathered lazily, each once. Judgement lives in the rules."""
