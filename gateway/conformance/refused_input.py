"""Promises about input that the upstream refuses: it is the client's, is not sent again, and costs nothing else."""

from collections.abc import Mapping
from dataclasses import replace

from telegraphql.gateway.conformance.filtering import FilterCase, filters, sample_values
from telegraphql.gateway.conformance.getting import GetCase, getters, sample_keys, unknown_key_of, without_joins
from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.listing import full_request
from telegraphql.gateway.conformance.promises import over_http, promise, require
from telegraphql.gateway.errors import RejectedInput, UpstreamError
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.selection import NOTHING


def filtered_listings(plugin: type[Provider]) -> Mapping[str, FilterCase]:
    """Return one filter of each listing that has one."""
    return {case.listing.kind.__name__: case for case in reversed(filters(plugin).values())}


def batches(plugin: type[Provider]) -> Mapping[str, GetCase]:
    """Return the gets that take several ids."""
    return {name: case for name, case in getters(plugin).items() if case.by == "id" and case.at_most > 1}


@promise(over_http(filtered_listings))
async def reports_refused_values(harness: Harness, case: FilterCase) -> None:
    """Raise RejectedInput if the upstream refuses a filter's value, and send the request once."""
    value = (await sample_values(harness, case))[0]
    request = replace(await full_request(harness, case.listing, 5), filter={case.name: value})
    harness.reconnect()
    await harness.provider.check()
    harness.fault({"mode": "refuse_value"})
    with harness.recorded_requests() as requests:
        try:
            await harness.serving.answer(case.listing.method, request)
        except RejectedInput as error:
            require(not error.retryable, f"a refused value of {case} is retryable: do not override `retryable`")
        except UpstreamError as error:
            advice = "leave status 400 to the gateway, or return RejectedInput from `refusal`"
            raise AssertionError(f"a refused value of {case} is {type(error).__name__}, as if the upstream had failed: {advice}") from error
    sent = [(row["operation"], str(row["parameters"])) for row in requests]
    require(len(sent) == len(set(sent)), f"a request with a refused value of {case} is sent again: the same value will be refused again")


@promise(over_http(batches))
async def splits_a_refused_batch(harness: Harness, case: GetCase) -> None:
    """Deliver the records of the other ids if the upstream refuses a request because of one unknown id."""
    known = await sample_keys(harness, case, 3)
    unknown = await unknown_key_of(harness, case, known[0])
    harness.fault({"mode": "unknown_id_refuses_batch"})
    advice = "return NotFound or RejectedInput from `refusal`: the gateway then asks for each id alone"
    try:
        results = await DataLoaders().load(without_joins(harness), case.kind, case.by, [*known, unknown], NOTHING)
    except UpstreamError as error:
        raise AssertionError(f"{case} of known ids and an unknown one fails with {type(error).__name__}: {advice}") from error
    missing = [key.text for key, result in zip(known, results, strict=False) if not result]
    require(not missing, f"{case} delivers nothing for {missing[:1]} beside an unknown id: {advice}")
