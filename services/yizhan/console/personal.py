"""What the console keeps about a customer: nothing. Its tables are about colleagues; the audit names them and their accounts."""

from yizhan.console import store as s
from yizhan.core.store.personal import About, Inventory

INVENTORY = Inventory(s.SERVICE, (), {About.OPERATION: (s.users, s.sessions, s.audit)})
