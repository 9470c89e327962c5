"""Features of a PBX's filters that it has accepted or refused. Its documentation names no properties, and versions differ."""

import time
from collections.abc import Collection, Iterable

# Live programs only filter by `started_at gt` and `started_at lt` with milliseconds: that form works everywhere.
PRECISE_TIMES = "times in microseconds"
ALTERNATIVES = "`or`"
SEARCH = "`search`"
ORDER = "`orderby`"
FEATURES = frozenset({PRECISE_TIMES, ALTERNATIVES, SEARCH, ORDER})
# The seconds after which a refused feature is tried again, since a PBX can be upgraded.
RETRY_SECONDS = 3600.0


class FilterPlan:
    """The features that one request uses: all that may work, some of them, or none."""

    def __init__(self, available: "PbxFilterSupport | None" = None, only: Collection[str] | None = None) -> None:
        self._available = available
        self._only = only
        self.used: set[str] = set()

    def uses(self, *features: str) -> bool:
        """Return True if the request may use all of these features, and note them."""
        if self._available is None or not all(map(self._available.may_use, features)):
            return False
        if self._only is not None and not set(features) <= set(self._only):
            return False
        self.used.update(features)
        return True


class PbxFilterSupport:
    """The features of one PBX: the configured properties, and those named in this module."""

    def __init__(self, properties: Iterable[str]) -> None:
        self._configured = frozenset(properties) | FEATURES
        self._accepted: set[str] = set()
        self._refused: dict[str, float] = {}

    def is_configured(self, feature: str) -> bool:
        """Return True if a feature is a configured property, or one of those named in this module."""
        return feature in self._configured

    def may_use(self, feature: str) -> bool:
        """Return True if a feature is configured and was not refused lately."""
        refused_at = self._refused.get(feature)
        return self.is_configured(feature) and (refused_at is None or time.monotonic() - refused_at >= RETRY_SECONDS)

    def accept(self, features: Collection[str]) -> bool:
        """Note features of a request that succeeded. Return True if one of them had been refused before."""
        self._accepted |= set(features)
        recovered = [feature for feature in features if self._refused.pop(feature, None) is not None]
        return bool(recovered)

    def refuse(self, features: Collection[str]) -> bool:
        """Note features of a request that only succeeded without them. Return True if something new was learnt.

        If all of them were accepted before, the reason was a value, and nothing is noted.
        """
        suspects = set(features) - self._accepted
        self._refused |= dict.fromkeys(suspects, time.monotonic())
        return bool(suspects)

    def warnings(self) -> list[str]:
        """Return what the PBX refuses, in sentences for its operator."""
        found = []
        properties = sorted(feature for feature in self._refused if feature not in FEATURES)
        if properties:
            names = ", ".join(properties)
            found.append(f"the PBX does not filter by {names}, so the gateway does, with more requests: remove them from `filterable`")
        others = sorted(self._refused.keys() & FEATURES)
        if others:
            found.append(f"the PBX refuses {', '.join(others)} in its lists, so the gateway reads more records than it needs")
        return found
