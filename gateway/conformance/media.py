"""Media: files that records offer can be found and streamed."""

from collections.abc import Mapping

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, need, promise
from telegraphql.gateway.conformance.walks import everything, known
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.media.links import locate_file
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.record import Record

SOME = 3
MANY = 24
PART = "bytes=0-3"


def file_fields(plugin: type[Provider]) -> Mapping[str, str]:
    """The declared files of records."""
    return {name: name for name in declared(plugin).files if "." in name}


@promise(file_fields)
async def streams_files(harness: Harness, name: str) -> None:
    """A file of a record can be located, and its first bytes arrive without a redirect."""
    kind, _, field = name.partition(".")
    records = (await known(harness, KINDS[kind]))[:MANY]
    await DataLoaders().hydrate(harness.serving, KINDS[kind], records, Selection.of(field))
    offering = [record for record in records if field in record.files][:SOME]
    need(offering, f"no {kind} of the sandbox has files[{field!r}]: fill it in the mapping, and let generate() make some")
    for record in offering:
        status, first = await _opened(harness, name, record.native_id)
        need(status == 200, f"{name} of {record.native_id!r} answers {status}: lead straight to the bytes")
        need(first, f"{name} of {record.native_id!r} is empty: lead to the bytes, and offer no file where there is none")


@promise(file_fields)
async def passes_ranges_on(harness: Harness, name: str) -> None:
    """Who asks for a part of a file asks the upstream for this part."""
    kind, _, field = name.partition(".")
    records = (await known(harness, KINDS[kind]))[:MANY]
    await DataLoaders().hydrate(harness.serving, KINDS[kind], records, Selection.of(field))
    for record in [record for record in records if field in record.files][:1]:
        download = await locate_file(harness.serving, name, record.native_id)
        download.request.headers["Range"] = PART
        async with harness.provider.upstream.stream(download.request) as response:
            sent = harness.wire.last.headers.get("Range") if harness.wire.last else None
            need(
                sent == PART or download.request.local,
                f"{name} is asked without the Range that was wanted: add to `request.headers`, do not replace them",
            )
            need(response.status_code in (200, 206), f"{name} answers {response.status_code} to a Range: lead straight to the bytes")


async def _opened(harness: Harness, name: str, native_id: str) -> tuple[int, bytes]:
    download = await locate_file(harness.serving, name, native_id)
    async with harness.provider.upstream.stream(download.request) as response:
        return response.status_code, await anext(response.aiter_bytes(), b"")


@promise(file_fields)
async def tells_of_a_missing_file(harness: Harness, name: str) -> None:
    """A file that does not exist is an error of the closed set, whatever a client makes up as an id."""
    for native_id in ("999999999", "kit?kit=1/../kit"):
        found = True
        with harness.noted() as rows:
            try:
                await _opened(harness, name, native_id)
            except UpstreamError as error:
                found = False
                need(harness.hides(str(error)), f"the error for a missing {name} shows a secret: keep messages to your own words")
        need(not found, f"{name} of the made-up id {native_id!r} answers bytes: raise NotFound")
        need(not any("kit" in row["parameters"] for row in rows), f"{name} of {native_id!r} sends a parameter of its own: quote ids")


@promise(listed_kinds)
async def offers_only_files_it_has(harness: Harness, kind: type[Record]) -> None:
    """Every file a record offers is declared, so that its link leads somewhere."""
    for record in await everything(harness, kind):
        for field in record.files:
            name = f"{kind.__name__}.{field}"
            need(
                name in harness.declared.files,
                f'{name} is offered, but there is no @files("{name}"): write it, or leave files[{field!r}] out',
            )
