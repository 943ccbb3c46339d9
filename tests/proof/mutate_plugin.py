"""A pytest plugin that switches one rule of the engine off before the tests are loaded."""

from __future__ import annotations

import os

from tests.proof.mutations import apply

if mutation := os.environ.get("PROOF_MUTATION"):
    apply(mutation)
