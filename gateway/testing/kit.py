"""Kit: all promises there are, by name."""

from gateway.testing import conduct, declaring, failing, filtering, getting, listing, mapping, media
from gateway.testing.promises import Promise

MODULES = (declaring, conduct, listing, filtering, getting, mapping, media, failing)
PROMISES = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Promise)}
