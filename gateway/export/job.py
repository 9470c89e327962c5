"""Job: an export put together from what was wanted - checked to the last option before any upstream is asked."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from telegraphql.gateway.config import GatewaySettings
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export import fields, progress, state, vcon
from telegraphql.gateway.export.csv_format import Csv
from telegraphql.gateway.export.export import Export, finished
from telegraphql.gateway.export.files import STDOUT, Format, Lines, OutputStream, Sink
from telegraphql.gateway.export.jsonl import JsonLines
from telegraphql.gateway.export.parquet import Parquet
from telegraphql.gateway.export.projection import Projecting
from telegraphql.gateway.export.reader import NO_LIMIT, Walk
from telegraphql.gateway.export.roots import Root, root
from telegraphql.gateway.export.state import State
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.http import graphql_app
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.cache import CacheSettings
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.scalars import write_moment

# Nobody else waits for this operation. What each provider bears is told by its own limits.
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
# Each answer is read once; an old one in the place of a failing provider's would leave rows out.
UNCACHED = CacheSettings(enabled=False)
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What was asked for."""

    kind: str
    out: Path
    format: str = "jsonl"
    since: datetime | None = None
    to: datetime | None = None
    providers: tuple[str, ...] = ()
    fields: str | None = None
    resume: bool = True
    overwrite: bool = False
    skips: bool = False
    retry_timeout: float = 300.0


@dataclass
class Job:
    """One run of an export."""

    settings: GatewaySettings
    wanted: ExportOptions
    console: Console
    state: State = field(default_factory=lambda: State({}))
    _written: Sink | None = None

    async def run(self) -> None:
        """From the first check to the report."""
        schema = graphql_app.schema(self.settings.execution)
        chosen = root(schema._schema, self.wanted.kind)
        self._check(chosen)
        named = self._named(chosen)
        engine = Runtime.build(self.settings.model_copy(update={"limits": LIMITS, "cache": UNCACHED}))
        try:
            servings = self._servings(engine, chosen)
            select = named or self._plain(chosen, servings)
            projecting = Projecting(engine, schema, chosen, fields.document(chosen, select))
            self.state = self._begun(self._options(servings, projecting.document))
            self._written = self._sink(chosen, select)
            if not self.state.finished:
                self._leave_out(engine)
                await self._export(self._walk(chosen, servings, select), projecting, self._written)
            progress.report(self.console, self.state)
        finally:
            await engine.aclose()

    def forget(self) -> None:
        """Clear away what was only needed to go on; the last step, since from then on the same command begins anew."""
        if self._written is not None and self.wanted.out != STDOUT:
            self._written.clear()
            self._progress.unlink(missing_ok=True)

    def _walk(self, chosen: Root, servings: list[BoundProvider], select: Selection) -> Walk:
        return Walk(
            kind=chosen.kind,
            time=chosen.time,
            range=TimeRange(from_=self.wanted.since, to=self.wanted.to) if self.wanted.since or self.wanted.to else None,
            select=select,
            size=PAGE,
            serving=[each for each in servings if each.name not in self.state.skipped],
        )

    async def _export(self, walk: Walk, projecting: Projecting, sink: Sink) -> None:
        told = progress.told(self.console, self.wanted.to, self.state.total)
        export = Export(
            root=projecting.root,
            walk=walk,
            projecting=projecting,
            sink=sink,
            state=self.state,
            told=told,
            save=partial(self._save, sink),
            retry_timeout=self.wanted.retry_timeout,
            skips=self.wanted.skips,
        )
        try:
            sink.open(self.state.kept)
            export.save()
            await finished(export)
            self.state.finished = True
            if self.wanted.out != STDOUT:
                self.state.write(self._progress)
        finally:
            told.close()
            sink.close()

    def _save(self, sink: Sink) -> None:
        """Make what is there last, and note it."""
        self.state.kept = sink.save()
        if self.wanted.out != STDOUT:
            self.state.write(self._progress)

    def _check(self, chosen: Root) -> None:
        """SettingsError for options that do not go together."""
        if (self.wanted.since or self.wanted.to) and chosen.time is None:
            raise SettingsError(f"--from and --to: {chosen.name} have no time; leave them out")
        if self.wanted.since and self.wanted.to and self.wanted.since >= self.wanted.to:
            raise SettingsError("--from must be before --to")
        if self.wanted.format == "vcon" and chosen.name != "calls":
            raise SettingsError(f"--format vcon holds calls only: write --kind calls, or choose jsonl, csv or parquet for {chosen.name}")
        if self.wanted.format == "vcon" and self.wanted.fields:
            raise SettingsError("--fields: a vCon has its own; leave it out, or choose another --format")
        if self.wanted.format == "parquet" and self.wanted.out == STDOUT:
            raise SettingsError("--out -: Parquet needs a file; choose a path, or csv or jsonl")

    def _servings(self, engine: Runtime, chosen: Root) -> list[BoundProvider]:
        """The providers that take part, by name."""
        names = self.wanted.providers or sorted({*engine.serving, *engine.broken})
        for name in names:
            if name not in engine.serving and name not in engine.broken:
                known = ", ".join(sorted(engine.serving)) or "none"
                raise SettingsError(f"--provider {name[:80]}: there is no such provider in the configuration; it has {known}")
            if name in engine.broken and not self.wanted.skips:
                raise SettingsError(f"{name} cannot be asked: {engine.broken[name]}; mend that, or go on without with --skip-failing")
        asked = [engine.serving[name] for name in sorted(set(names)) if name in engine.serving]
        able = [serving for serving in asked if serving.declared.lists(chosen.kind)]
        if not able or (self.wanted.providers and len(able) < len(asked)):
            unable = ", ".join(serving.name for serving in asked if serving not in able) or "none configured"
            raise SettingsError(f"--kind {chosen.name}: no such list at these providers: {unable}; `telegraphql matrix` shows who has what")
        return able

    def _named(self, chosen: Root) -> Selection | None:
        """What the format or --fields names; None where neither does."""
        if self.wanted.format == "vcon":
            return fields.named(chosen, vcon.FIELDS)
        return None if self.wanted.fields is None else fields.named(chosen, self.wanted.fields)

    def _plain(self, chosen: Root, servings: list[BoundProvider]) -> Selection:
        """All that costs no request of its own at any provider."""
        listings = {each.name: each.declared.listings.get(chosen.kind) for each in servings}
        dear = {name: listing.detail for name, listing in listings.items() if listing and listing.detail}
        for name, left in sorted(dear.items()):
            told = ", ".join(sorted(left))
            self._say(f"left out, since {name} wants a request for each row of it: {told}; --fields can name it")
        return fields.plain(chosen.of, {field for left in dear.values() for field in left})

    def _options(self, servings: list[BoundProvider], document: str) -> dict[str, str]:
        """What makes two commands the same."""
        return {
            "--kind": self.wanted.kind,
            "--format": self.wanted.format,
            "--from": write_moment(self.wanted.since) if self.wanted.since else "",
            "--to": write_moment(self.wanted.to) if self.wanted.to else "",
            "--provider": ", ".join(serving.name for serving in servings),
            "--fields": document,
        }

    def _begun(self, options: dict[str, str]) -> State:
        """The state to go on from; SettingsError where that would destroy what is there."""
        out = self.wanted.out
        if out == STDOUT:
            return State(options)
        found = state.read(self._progress) if self.wanted.resume else None
        if found is not None and not (found.finished and self.wanted.overwrite):
            if not (names := state.differing(found, options)):
                rows = f"the {found.total:,} rows that are in {out}"
                self._say(f"had finished with {rows}" if found.finished else f"goes on after {rows}")
                return found
            if not self.wanted.overwrite:
                what = f"with other {', '.join(names)}"
                raise SettingsError(f"another export to {out}, {what}, is not finished: run that one again, or add --overwrite")
        elif out.is_dir():
            raise SettingsError(f"--out {out} is a folder; name a file")
        elif out.exists() and out.stat().st_size and not self.wanted.overwrite and not self._progress.exists():
            raise SettingsError(f"--out {out} is there already; choose another name, or write over it with --overwrite")
        return State(options)

    def _leave_out(self, engine: Runtime) -> None:
        """Note the providers whose plugin is broken."""
        for name in sorted(engine.broken):
            if not self.wanted.providers or name in self.wanted.providers:
                self.state.skipped[name] = state.Skipped("BROKEN", engine.broken[name], None)

    def _sink(self, chosen: Root, select: Selection) -> Sink:
        columns = list(fields.columns(chosen.of, select))
        if self.wanted.format == "parquet":
            return Parquet(self.wanted.out, columns)
        formats: dict[str, Format] = {"csv": Csv(columns), "vcon": vcon.Vcon(), "jsonl": JsonLines()}
        format = formats[self.wanted.format]
        return OutputStream(format) if self.wanted.out == STDOUT else Lines(self.wanted.out, format)

    @property
    def _progress(self) -> Path:
        return self.wanted.out.with_name(self.wanted.out.name + ".progress")

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
