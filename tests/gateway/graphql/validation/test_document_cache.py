"""CachedDocument documents: found by their text, as many as fit."""

from graphql import parse

from telegraphql.gateway.graphql.validation.document_cache import CachedDocument, DocumentCache


def known(text: str) -> CachedDocument:
    return CachedDocument(parse(text), [], {})


def test_a_document_is_found_by_its_text() -> None:
    documents = DocumentCache()
    kept = known("{ a }")
    documents.add("{ a }", kept, 100)
    assert documents.get("{ a }") is kept
    assert documents.get("{ a  }") is None


def test_the_least_recently_used_is_forgotten() -> None:
    documents = DocumentCache()
    for text in ("{ a }", "{ b }"):
        documents.add(text, known(text), 10)
    documents.get("{ a }")
    documents.add("{ c }", known("{ c }"), 10)
    assert [documents.get(text) is not None for text in ("{ a }", "{ b }", "{ c }")] == [True, False, True]
    assert documents.size == 10


def test_what_is_larger_than_all_there_is_room_for_is_not_kept() -> None:
    documents = DocumentCache()
    documents.add("{ a }", known("{ a }"), 4)
    assert (len(documents.entries), documents.size) == (0, 0)


def test_nothing_is_counted_twice() -> None:
    documents = DocumentCache()
    for _ in range(3):
        documents.add("{ a }", known("{ a }"), 100)
    assert documents.size == 5


def test_what_is_no_text_is_not_known() -> None:
    documents = DocumentCache()
    documents.add(["{ a }"], known("{ a }"), 100)
    assert (documents.get(["{ a }"]), documents.get(None), documents.size) == (None, None, 0)
