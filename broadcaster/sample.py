"""A commune to begin with: an empty one by name, or the sample commune Cốc San with nine villages and three accounts.

Of the sample's village names only Ún Tà is known to be right; the others are examples, and the pages say so.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts import phrases
from broadcaster.publishing import service as publishing
from content.kernel.nodes import Node, NodeKind, add_node
from content.kernel.units import DurationMs
from content.languages import VIETNAMESE
from content.service import templates
from schedules import service as schedules

SAMPLE_SLUG = "coc-san-mau"
VILLAGES = {
    "un-ta": "Ún Tà",
    "tong-xanh": "Tòng Xành",
    "luong-lao-1": "Luổng Láo 1",
    "luong-lao-2": "Luổng Láo 2",
    "coc-san": "Cốc San",
    "an-san": "An San",
    "tong-chu-1": "Tòng Chú 1",
    "tong-chu-2": "Tòng Chú 2",
    "tong-chu-3": "Tòng Chú 3",
}
LANGUAGES = (VIETNAMESE, "pcc")
"""Half of Cốc San's people are Giáy: what is recorded in their language follows the Vietnamese."""
TRIAL_EVERY_MIN = 3
TRIAL_LASTS = DurationMs(170_000)


@dataclass(frozen=True, slots=True)
class Credential:
    """An account's first password, printed once and stored nowhere."""

    login: str
    password: str
    role: Role


def make_commune(session: Session, name: str, slug: str, now: datetime) -> tuple[Node, Credential]:
    """An empty commune and its admin."""
    nation = add_node(session, NodeKind.NATION, "viet-nam", "Việt Nam")
    province = add_node(session, NodeKind.PROVINCE, "lao-cai", "Lào Cai", parent=nation)
    commune = add_node(session, NodeKind.COMMUNE, slug, name, parent=province)
    templates.seed(session, commune, now)
    phrases.seed(session, commune, now)
    publishing.want_plan(session, commune)
    return commune, _account(session, commune, "admin", "Quản trị", Role.ADMIN, now)


def make_sample_commune(session: Session, now: datetime) -> tuple[Node, list[Credential]]:
    """Cốc San as an example: nine villages, a trial slot every few minutes and no quiet hours, three accounts."""
    commune, admin = make_commune(session, "Cốc San (mẫu)", SAMPLE_SLUG, now)
    villages = [add_node(session, NodeKind.VILLAGE, slug, name, parent=commune) for slug, name in VILLAGES.items()]
    for village in villages:
        schedules.add_village_airing(
            session, village, languages=LANGUAGES, quiet_from_local=None, quiet_until_local=None, freeze_minutes=0
        )
    schedules.open_slot(
        session,
        commune,
        name="Khung phát thử",
        start_local=datetime.min.time(),
        duration_ms=TRIAL_LASTS,
        rrule=f"FREQ=MINUTELY;INTERVAL={TRIAL_EVERY_MIN}",
        starts_on=now.astimezone(commune.zone).date(),
        villages=villages,
        now=now,
    )
    secretary = _account(session, commune, "bithu", "Bí thư Đoàn (mẫu)", Role.SECRETARY, now)
    cadre = _account(session, commune, "canbo", "Cán bộ xã (mẫu)", Role.CADRE, now)
    return commune, [admin, secretary, cadre]


def is_sample(commune: Node) -> bool:
    """Whether this is the sample commune, whose names and slots are examples."""
    return commune.slug == SAMPLE_SLUG


def _account(session: Session, commune: Node, login: str, name: str, role: Role, now: datetime) -> Credential:
    password = accounts.new_password()
    accounts.add_user(session, commune, login, name, role, password, now)
    return Credential(login, password, role)
