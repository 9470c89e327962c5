"""`telegraphql sandbox --faults`: print the faults of simulated providers, and how to switch one on."""

import json

from rich.console import Console
from rich.table import Table

from telegraphql.gateway.plugin.fault_modes import FAULT_MODES
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.sandbox_servers import HOST, ports

EXAMPLE = {"mode": "clamped_page", "rows": 50}


def print_faults(port_base: int) -> None:
    """Print a sentence for each fault, and the commands that switch a fault on and off."""
    out = Console(soft_wrap=True, highlight=False, markup=False)
    table = Table("mode", "what happens")
    for mode, sentence in FAULT_MODES.items():
        table.add_row(mode, sentence)
    out.print(table)
    for name, port in ports(plugins(), port_base).items():
        out.print(f"{name}: http://{HOST}:{port}/_sandbox/faults")
    url = f"http://{HOST}:PORT/_sandbox/faults"
    out.print(f"\nStart a fault: curl -X PUT {url} -H 'Content-Type: application/json' -d '{json.dumps(EXAMPLE)}'")
    out.print(f"End it:        curl -X DELETE {url}")
    out.print('Only one operation fails with "operation": its name in /_sandbox/requests. Only some requests fail with "rate": 0 to 1.')
