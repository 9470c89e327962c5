"""The distribution as it would be installed: its package can be imported, and its entry point leads to the plugin."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
