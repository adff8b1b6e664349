"""The day itself: written, rendered, approved, booked, pulled, played, logged, listened to."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from audio_out import queries as audio
from broadcaster.demo import people, report
from broadcaster.demo.browser import Browser
from broadcaster.demo.report import Line
from broadcaster.demo.stage import Stage
from broadcaster.demo.texts import share_out
from broadcaster.texts import Text, load
from content import queries as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from content.workflow import State
from schedules.models import Slot

SLOT = "Bản tin chiều"
LEAD_S = 25
"""From the opening of the slot in the form to its first second: time to plan, to publish and to pull."""
BETWEEN_CUES_MS = 2_000
PLANNED_WITHIN_S, REPORTED_WITHIN_S = 30.0, 60.0


class Day:
    """One run of the demonstration."""

    def __init__(self, stage: Stage, entries: Sequence[tuple[Text, list[str]]], console: Console) -> None:
        """Stage the announcements, each with the villages that shall hear it."""
        self._stage, self._entries, self._console = stage, entries, console

    def run(self) -> list[Line]:
        """Do the whole day's job; returns every planned cue and what became of it."""
        self._console.print(f"Pages: [bold]{self._stage.url}[/]  (accounts {self._people()})")
        self._step("Pairing nine players, each with its own code")
        self._stage.start_players(lambda village: self._console.print(f"  {village} is paired"))
        self._approve(self._write())
        slot_id = self._open_slot()
        self._play(slot_id)
        return self._listen(slot_id)

    def _people(self) -> str:
        persons = (self._stage.secretary, self._stage.cadre, self._stage.admin)
        return ", ".join(f"{person.login} {person.password}" for person in persons)

    def _write(self) -> list[str]:
        self._step("The secretary writes the announcements in the web form")
        written = []
        with Browser(self._stage.url) as browser:
            people.log_in(browser, self._stage.secretary)
            for text, villages in self._entries:
                everywhere = len(villages) == len(self._stage.villages)
                written.append(people.write(browser, text, villages, everywhere=everywhere))
                where = "all villages" if everywhere else ", ".join(villages)
                self._console.print(f"  {text.title}  [dim]({where})[/]")
        return written

    def _approve(self, announcements: Sequence[str]) -> None:
        self._step("The worker reads them aloud; the cadre approves each once it can be heard")
        with Browser(self._stage.url) as browser:
            people.log_in(browser, self._stage.cadre)
            for (text, _), announcement in zip(self._entries, announcements, strict=True):
                people.approve(browser, announcement, self._stage)
                self._console.print(f"  approved: {text.title}")

    def _open_slot(self) -> int:
        minutes = self._minutes()
        self._step(f"The admin opens an evening slot of {minutes} minutes, beginning in {LEAD_S} seconds")
        start = self._stage.soon(LEAD_S)
        with Browser(self._stage.url) as browser:
            people.log_in(browser, self._stage.admin)
            people.open_slot(browser, SLOT, start, minutes)
        with unit_of_work(self._stage.station.sessions, writes=False) as session:
            return session.scalars(select(Slot.id).where(Slot.name == SLOT)).one()

    def _minutes(self) -> int:
        """Long enough for the village with most to hear."""
        with unit_of_work(self._stage.station.sessions, writes=False) as session:
            commune = the_commune(session)
            assert commune is not None
            revisions = content.all_latest(session, commune, states=(State.APPROVED,))
            sounds = audio.sounds(session, revisions)
            load = dict.fromkeys(self._stage.villages, 0)
            for revision in revisions:
                for village in revision.villages:
                    load[village.slug] += sounds[revision.id]["vi"].deliverable.duration_ms + BETWEEN_CUES_MS
        return max(load.values()) // 60_000 + 1

    def _play(self, slot_id: int) -> None:
        self._stage.wait_until("the plan", lambda: bool(self._plan(slot_id)), PLANNED_WITHIN_S)
        plan = self._plan(slot_id)
        last = max(cue.planned_at for cue in plan)
        self._step(f"Nine players pull, verify and play {len(plan)} cues; the last begins at {last:%H:%M:%S} UTC")
        seen: set[tuple[str, str]] = set()

        def all_reported() -> bool:
            with unit_of_work(self._stage.station.sessions, writes=False) as session:
                rows = report.outcomes(session)
            for name in rows.keys() - seen:
                seen.add(name)
                self._console.print(f"  {rows[name].outcome}: {rows[name].title}  [dim]{rows[name].late_ms} ms late[/]")
            return len(rows) >= len(plan)

        now = self._stage.station.clock.now()
        longest_s = self._minutes() * 60
        self._stage.wait_until(
            "all reports", all_reported, (last - now).total_seconds() + longest_s + REPORTED_WITHIN_S
        )

    def _listen(self, slot_id: int) -> list[Line]:
        self._step("Listening to the nine recordings")
        self._stage.stop_players()
        with unit_of_work(self._stage.station.sessions, writes=False) as session:
            log = report.outcomes(session)
        station = self._stage.station
        return report.hold_against(self._plan(slot_id), log, station.store, station.sample_players_dir)

    def _plan(self, slot_id: int) -> list[report.Planned]:
        with unit_of_work(self._stage.station.sessions, writes=False) as session:
            commune = the_commune(session)
            assert commune is not None
            return report.planned(session, villages_of(session, commune), slot_id)

    def _step(self, text: str) -> None:
        now = self._stage.station.clock.now()
        self._console.print(f"\n[bold]{now:%H:%M:%S}  {text}[/]")


def demonstrate(folder: Path, announcements: Path | None, console: Console) -> bool:
    """Run the day in `folder`; True if every announcement was aired and is in the recordings."""
    with Stage(folder / "data") as stage:
        entries = share_out(load(announcements), stage.villages)
        lines = Day(stage, entries, console).run()
        shown = log_page(stage, lines)
    report.write(lines, folder / "report.json")
    return _conclude(console, folder, entries, lines, in_log=all(line.title in shown for line in lines))


def log_page(stage: Stage, lines: Sequence[Line]) -> str:
    """What the log page shows a cadre of the days on which these were planned: two where it was midnight meanwhile."""
    days = sorted({stage.local(line.planned_at).date() for line in lines})
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.cadre)
        return "".join(browser.open(f"/log?on={day}").text for day in days)


def _conclude(
    console: Console, folder: Path, entries: Sequence[tuple[Text, list[str]]], lines: Sequence[Line], *, in_log: bool
) -> bool:
    table = Table("Village", "Announcement", "Planned", "Late (ms)", "Outcome", "In the WAV")
    for line in lines:
        late = "" if line.late_ms is None else f"{line.late_ms:.2f}"
        table.add_row(
            line.village, line.title, f"{line.planned_at:%H:%M:%S}", late, line.outcome, "yes" if line.proven else "NO"
        )
    console.print(table)
    never = {text.title for text, _ in entries} - {line.title for line in lines if line.proven}
    unproven = [line for line in lines if not line.proven]
    spread = report.spread_ms(lines)
    console.print(
        f"Aired: {len(lines) - len(unproven)} of {len(lines)} cues; the nine began the common one {spread} ms apart."
    )
    for title in sorted(never):
        console.print(f"[red]Not aired anywhere: {title}[/]")
    if not in_log:
        console.print("[red]The log page does not show all of it.[/]")
    console.print(f"Report: {folder / 'report.json'}\nWAV files: {folder / 'data' / 'sample-players'}/*/air/*.wav")
    return bool(lines) and not never and not unproven and in_log
