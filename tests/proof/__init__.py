"""The proof of the consent engine: attacks of which none passes, honest readings of which nearly all do."""
