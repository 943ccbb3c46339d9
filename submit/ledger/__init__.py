"""The ledger of submissions: what was sent, so that nothing is sent twice.

It has one entry for each submission, under a key that is made of all that would be sent. Whoever wants to
send it claims the entry first, and writes down what came of it. Several programs may share a ledger, on one
machine or on several.
"""

from __future__ import annotations

from submit.ledger.entry import Entry, Event, State
from submit.ledger.ledger import Claim, Ledger

__all__ = ["Claim", "Entry", "Event", "Ledger", "State"]
