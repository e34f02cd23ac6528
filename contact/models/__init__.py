from .message import ContactMessage
from .officer import DataOfficer
from .page import ContactPage
from .privacy import PrivacyPage

__all__ = ["ContactMessage", "ContactPage", "DataOfficer", "PrivacyPage"]
