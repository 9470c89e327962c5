"""Kit: all promises there are, by name."""

from gateway.testing import conduct, declaring, failing, filtering, getting, listing, mapping, media, oddities, ordering, source
from gateway.testing.promises import Promise

MODULES = (declaring, source, conduct, listing, filtering, getting, mapping, oddities, media, ordering, failing)
PROMISES = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Promise)}
