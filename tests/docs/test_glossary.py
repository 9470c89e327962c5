"""The glossary: it has every kind of every provider, in a word that the provider itself uses."""

import pytest

from docs.generate.sections import BUNDLED
from docs.generate.upstream_words import UPSTREAM_WORDS
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.resolvers.capabilities import capabilities
from tests.support.repository import files, text


@pytest.mark.parametrize("plugin", BUNDLED)
def test_every_kind_of_a_provider_has_its_word_from_the_plugin(plugin: str) -> None:
    source = "\n".join(text(path) for path in files(f"plugins/{plugin}", f"docs/providers/{plugin}.md"))
    words = {kind: by_plugin[plugin] for kind, by_plugin in UPSTREAM_WORDS.items() if plugin in by_plugin}
    assert {kind: word for kind, word in words.items() if word not in source} == {}
    assert {str(each.kind) for each in capabilities(plugins().found[plugin])} == words.keys()
