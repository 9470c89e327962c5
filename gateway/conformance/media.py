"""Promises about files: those that records offer can be located and streamed."""

from collections.abc import Mapping

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, promise, require
from telegraphql.gateway.conformance.walks import all_records, records_of_kind
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.media.links import locate_file
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.record import Record

SAMPLE = 3
MAX_RECORDS = 24
RANGE = "bytes=0-3"


def file_fields(plugin: type[Provider]) -> Mapping[str, str]:
    """Return the declared files of records."""
    return {name: name for name in declared(plugin).files if "." in name}


@promise(file_fields)
async def streams_files(harness: Harness, name: str) -> None:
    """Locate a file of a record so that its bytes arrive."""
    for record in await records_with_file(harness, name, SAMPLE):
        status, first_bytes = await open_file(harness, name, record.native_id)
        require(status == 200, f"{name} of {record.native_id!r} answers {status}: return a request for the bytes themselves")
        require(
            first_bytes,
            f"{name} of {record.native_id!r} is empty: return a request for the bytes, and set no files entry where there is none",
        )


@promise(file_fields)
async def forwards_ranges(harness: Harness, name: str) -> None:
    """Send the Range header of a partial request to the upstream."""
    for record in await records_with_file(harness, name, 1):
        download = await locate_file(harness.serving, name, record.native_id)
        download.request.headers["Range"] = RANGE
        async with harness.provider.upstream.stream(download.request) as response:
            sent_range = harness.transport.last.headers.get("Range") if harness.transport.last else None
            require(
                sent_range == RANGE or download.request.local,
                f"{name} is requested without the Range header: add to Request.headers, do not replace them",
            )
            require(
                response.status_code in (200, 206),
                f"{name} answers {response.status_code} to a Range: return a request for the bytes themselves",
            )


async def records_with_file(harness: Harness, name: str, limit: int) -> list[Record]:
    """Return some records that offer a file."""
    kind, _, field = name.partition(".")
    records = (await records_of_kind(harness, KINDS[kind]))[:MAX_RECORDS]
    await DataLoaders().hydrate(harness.serving, KINDS[kind], records, Selection.of(field))
    with_file = [record for record in records if field in record.files][:limit]
    require(with_file, f"no {kind} of the sandbox has files[{field!r}]: set it in the mapping, and let the sandbox's generate() make some")
    return with_file


async def open_file(harness: Harness, name: str, native_id: str) -> tuple[int, bytes]:
    """Return the status of a file and its first bytes."""
    download = await locate_file(harness.serving, name, native_id)
    async with harness.provider.upstream.stream(download.request) as response:
        return response.status_code, await anext(response.aiter_bytes(), b"")


@promise(file_fields)
async def reports_a_missing_file(harness: Harness, name: str) -> None:
    """Raise one of the gateway's errors for a file that does not exist, whatever id a client makes up."""
    for native_id in ("999999999", "kit?kit=1/../kit"):
        is_open = True
        with harness.recorded_requests() as requests:
            try:
                await open_file(harness, name, native_id)
            except UpstreamError as error:
                is_open = False
                require(
                    harness.is_free_of_secrets(str(error)),
                    f"the error for a missing {name} contains a secret: write a message of your own",
                )
        require(not is_open, f"{name} delivers bytes for the made-up id {native_id!r}: raise NotFound")
        require(
            not any("kit" in row["parameters"] for row in requests), f"{name} of {native_id!r} adds a parameter to the request: quote ids"
        )


@promise(listed_kinds)
async def declares_the_files_it_offers(harness: Harness, kind: type[Record]) -> None:
    """Declare every file that a record offers, so that its link works."""
    for record in await all_records(harness, kind):
        for field in record.files:
            name = f"{kind.__name__}.{field}"
            require(
                name in harness.declared.files,
                f'{name} is offered, but there is no @files("{name}"): add the method, or remove files[{field!r}]',
            )
