"""All tables, imported once, so that `Base.metadata` is whole for migrations and tests."""

from audio_out import models as audio_models
from broadcaster.accounts import models as account_models
from broadcaster.alerts import models as alert_models
from broadcaster.alerts.incoming import models as incoming_models
from broadcaster.asrun import models as as_run_models
from broadcaster.fleet import models as fleet_models
from broadcaster.notices import models as notice_models
from broadcaster.province import models as province_models
from broadcaster.publishing import models as publishing_models
from broadcaster.reports import models as report_models
from broadcaster.retention import models as retention_models
from content import models as content_models
from content.kernel import audit, nodes
from content.kernel.db import Base
from schedules import models as schedule_models

METADATA = Base.metadata
__all__ = [
    "METADATA",
    "account_models",
    "alert_models",
    "as_run_models",
    "audio_models",
    "audit",
    "content_models",
    "fleet_models",
    "incoming_models",
    "nodes",
    "notice_models",
    "province_models",
    "publishing_models",
    "report_models",
    "retention_models",
    "schedule_models",
]
