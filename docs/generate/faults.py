"""List the fault modes of sandboxes."""

from docs.generate.markers import escaped, table
from telegraphql.gateway.plugin.fault_modes import FAULT_MODES


def modes() -> str:
    """Return the table of fault modes."""
    return table(["Mode", "What happens"], [[f"`{name}`", escaped(sentence)] for name, sentence in FAULT_MODES.items()])
