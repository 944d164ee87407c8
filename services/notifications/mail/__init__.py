"""Mail: what a message says, and how it goes to the relay."""

from services.notifications.mail.message import Composer, Letter, Unwritable, is_usable
from services.notifications.mail.relay import Answer, Mailer, MailRelayAway, Unconfirmed, Verdict

__all__ = [
    "Answer",
    "Composer",
    "Letter",
    "MailRelayAway",
    "Mailer",
    "Unconfirmed",
    "Unwritable",
    "Verdict",
    "is_usable",
]
