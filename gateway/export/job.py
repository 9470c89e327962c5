"""The export job: checks all options before any upstream request, then assembles and runs the export."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export import fields, progress, state, vcon
from telegraphql.gateway.export.csv_format import CsvFormat
from telegraphql.gateway.export.export import Export, run_to_end
from telegraphql.gateway.export.files import STDOUT, FileSink, RowFormat, Sink, StdoutSink
from telegraphql.gateway.export.jsonl import JsonlFormat
from telegraphql.gateway.export.parquet import ParquetSink
from telegraphql.gateway.export.projection import RowProjection
from telegraphql.gateway.export.reader import NO_LIMIT, ExportReader
from telegraphql.gateway.export.root_fields import RootField, root_field
from telegraphql.gateway.export.state import ExportState
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.http import graphql_schema
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.cache import CacheSettings
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.scalars import write_moment
from telegraphql.schema.strawberry_internals import core_schema

# No client waits for this operation. Each provider is still protected by its own limits.
LIMITS = Limits.model_validate(
    {
        "tokens": NO_LIMIT,
        "depth": 1000,
        "fields": NO_LIMIT,
        "cost": NO_LIMIT,
        "scan_requests": NO_LIMIT,
        "upstream_requests": NO_LIMIT,
        "deadline": "1d",
        "report_cost": False,
    }
)
# Each response is read once, and a stale one in place of a failing provider's would lose rows.
UNCACHED = CacheSettings(enabled=False)
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The options of the command."""

    kind: str
    out: Path
    format: str = "jsonl"
    since: datetime | None = None
    to: datetime | None = None
    providers: tuple[str, ...] = ()
    fields: str | None = None
    resume: bool = True
    overwrite: bool = False
    skip_failing: bool = False
    retry_timeout: float = 300.0


@dataclass
class ExportJob:
    """One run of an export."""

    settings: GatewaySettings
    options: ExportOptions
    console: Console
    state: ExportState = field(default_factory=lambda: ExportState({}))
    _active_sink: Sink | None = None

    async def run(self) -> None:
        """Run the export from the option checks to the report."""
        schema = graphql_schema.create_schema(self.settings.execution)
        root = root_field(core_schema(schema), self.options.kind)
        self._check(root)
        requested = self._requested_selection(root)
        runtime = Runtime.build(self.settings.model_copy(update={"limits": LIMITS, "cache": UNCACHED}))
        try:
            providers = self._providers(runtime, root)
            select = requested or self._default_selection(root, providers)
            projection = RowProjection(runtime, schema, root, fields.query_document(root, select))
            self.state = self._initial_state(self._options(providers, projection.document))
            self._active_sink = self._sink(root, select)
            if not self.state.finished:
                self._skip_broken(runtime)
                await self._export(self._reader(root, providers, select), projection, self._active_sink)
            progress.report(self.console, self.state, runtime.names)
        finally:
            await runtime.aclose()

    def remove_progress(self) -> None:
        """Delete the files that are only needed to resume. It is the last step: afterwards the same command starts over."""
        if self._active_sink is not None and self.options.out != STDOUT:
            self._active_sink.clear()
            self._progress_path.unlink(missing_ok=True)

    def _reader(self, root: RootField, providers: list[BoundProvider], select: Selection) -> ExportReader:
        return ExportReader(
            kind=root.kind,
            time=root.time,
            range=TimeRange(since=self.options.since, until=self.options.to) if self.options.since or self.options.to else None,
            select=select,
            size=PAGE,
            serving=[each for each in providers if each.id not in self.state.skipped],
        )

    async def _export(self, reader: ExportReader, projection: RowProjection, sink: Sink) -> None:
        reporter = progress.progress_reporter(self.console, self.options.to, self.state.total, projection.engine.names)
        export = Export(
            root=projection.root,
            reader=reader,
            projection=projection,
            sink=sink,
            state=self.state,
            reporter=reporter,
            save=partial(self._save, sink),
            retry_timeout=self.options.retry_timeout,
            skip_failing=self.options.skip_failing,
        )
        try:
            sink.open(self.state.checkpoint)
            export.save()
            await run_to_end(export)
            self.state.finished = True
            if self.options.out != STDOUT:
                self.state.write(self._progress_path)
        finally:
            reporter.close()
            sink.close()

    def _save(self, sink: Sink) -> None:
        """Make the rows durable and write the progress file."""
        self.state.checkpoint = sink.save()
        if self.options.out != STDOUT:
            self.state.write(self._progress_path)

    def _check(self, root: RootField) -> None:
        """Raise SettingsError for options that contradict each other."""
        if (self.options.since or self.options.to) and root.time is None:
            raise SettingsError(f"--from and --to: {root.name} have no time to filter by: leave these options out")
        if self.options.since and self.options.to and self.options.since >= self.options.to:
            raise SettingsError("--from must be before --to")
        if self.options.format == "vcon" and root.name != "calls":
            raise SettingsError(f"--format vcon supports only calls: use --kind calls, or choose jsonl, csv or parquet for {root.name}")
        if self.options.format == "vcon" and self.options.fields:
            raise SettingsError("--fields does not apply to --format vcon: leave it out, or choose another format")
        if self.options.format == "parquet" and self.options.out == STDOUT:
            raise SettingsError("--out -: Parquet needs a file. Set --out to a path, or choose csv or jsonl")

    def _providers(self, runtime: Runtime, root: RootField) -> list[BoundProvider]:
        """Return the providers to export from, sorted by name."""
        usable = {each.name: each for each in runtime.providers.values()}
        names = self.options.providers or sorted({*usable, *runtime.broken})
        for name in names:
            if name not in usable and name not in runtime.broken:
                known = ", ".join(sorted(usable)) or "none"
                raise SettingsError(f"--provider {name[:80]}: not in the configuration; configured: {known}")
            if name in runtime.broken and not self.options.skip_failing:
                raise SettingsError(f"{name} cannot be used: {runtime.broken[name]}. Fix that, or continue without it with --skip-failing")
        requested = [usable[name] for name in sorted(set(names)) if name in usable]
        supporting = [serving for serving in requested if serving.declared.lists(root.kind)]
        if not supporting or (self.options.providers and len(supporting) < len(requested)):
            unsupporting = ", ".join(serving.name for serving in requested if serving not in supporting) or "none configured"
            raise SettingsError(f"--kind {root.name}: not supported by: {unsupporting}. Run `telegraphql matrix` to see who supports it")
        return supporting

    def _requested_selection(self, root: RootField) -> Selection | None:
        """Return the fields that --format or --fields names, or None if neither does."""
        if self.options.format == "vcon":
            return fields.parse_fields(root, vcon.FIELDS)
        return None if self.options.fields is None else fields.parse_fields(root, self.options.fields)

    def _default_selection(self, root: RootField, providers: list[BoundProvider]) -> Selection:
        """Return the fields that need no further request at any provider."""
        listings = {each.name: each.declared.listings.get(root.kind) for each in providers}
        costly = {name: listing.detail for name, listing in listings.items() if listing and listing.detail}
        for name, costly_fields in sorted(costly.items()):
            names = ", ".join(sorted(costly_fields))
            self._print(f"left out, because {name} needs one request per row: {names}. Use --fields to export them")
        return fields.default_selection(root.object_type, {field for costly_fields in costly.values() for field in costly_fields})

    def _options(self, providers: list[BoundProvider], document: str) -> dict[str, str]:
        """Return the options that identify the command."""
        return {
            "--kind": self.options.kind,
            "--format": self.options.format,
            "--from": write_moment(self.options.since) if self.options.since else "",
            "--to": write_moment(self.options.to) if self.options.to else "",
            "--provider": ", ".join(sorted(serving.id for serving in providers)),
            "--fields": document,
        }

    def _initial_state(self, options: dict[str, str]) -> ExportState:
        """Return the state to continue from.

        Raises:
            SettingsError: Continuing or starting would overwrite existing data.
        """
        out = self.options.out
        if out == STDOUT:
            return ExportState(options)
        saved = state.read_state(self._progress_path) if self.options.resume else None
        if saved is not None and not (saved.finished and self.options.overwrite):
            if not (names := state.differing_options(saved, options)):
                rows = f"the {saved.total:,} rows in {out}"
                self._print(f"already finished with {rows}" if saved.finished else f"continuing after {rows}")
                return saved
            if not self.options.overwrite:
                difference = f"with other {', '.join(names)}"
                raise SettingsError(f"another export to {out}, {difference}, is unfinished: run its command again, or add --overwrite")
        elif out.is_dir():
            raise SettingsError(f"--out {out} is a folder: set --out to a file")
        elif out.exists() and out.stat().st_size and not self.options.overwrite and not self._progress_path.exists():
            raise SettingsError(f"--out {out} already exists: choose another file, or replace it with --overwrite")
        return ExportState(options)

    def _skip_broken(self, runtime: Runtime) -> None:
        """Record the providers whose plugin is broken as skipped."""
        for name in sorted(runtime.broken):
            if not self.options.providers or name in self.options.providers:
                self.state.skipped[name] = state.SkippedProvider("BROKEN", runtime.broken[name], None)

    def _sink(self, root: RootField, select: Selection) -> Sink:
        columns = list(fields.columns(root.object_type, select))
        if self.options.format == "parquet":
            return ParquetSink(self.options.out, columns)
        formats: dict[str, RowFormat] = {"csv": CsvFormat(columns), "vcon": vcon.VconFormat(), "jsonl": JsonlFormat()}
        format = formats[self.options.format]
        return StdoutSink(format) if self.options.out == STDOUT else FileSink(self.options.out, format)

    @property
    def _progress_path(self) -> Path:
        return self.options.out.with_name(self.options.out.name + ".progress")

    def _print(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
