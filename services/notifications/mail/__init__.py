"""Mail: what a message says, and how it goes to the relay."""

from services.notifications.mail.message import Composer, Letter, is_usable
from services.notifications.mail.relay import Answer, Mailer, MailRelayAway, Verdict

__all__ = ["Answer", "Composer", "Letter", "MailRelayAway", "Mailer", "Verdict", "is_usable"]
