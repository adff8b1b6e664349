"""Words for what the code names: states, priorities, outcomes, categories. English messages, translated at use.

Keys are the stored values, so that a template can look up what a row holds.
"""

from broadcaster.i18n import Tongue
from content.kernel.errors import BroadcastError


def mark(message: str) -> str:
    """The message itself; marks it for the catalogue."""
    return message


STATES = {
    "draft": mark("draft"),
    "in_review": mark("in review"),
    "approved": mark("approved"),
    "withdrawn": mark("withdrawn"),
    "discarded": mark("discarded"),
    "expired": mark("expired"),
}
STEPS = {
    "submit": mark("sent for approval"),
    "return": mark("returned for correction"),
    "approve": mark("approved"),
    "withdraw": mark("withdrawn"),
    "restore": mark("restored"),
    "discard": mark("discarded"),
    "comment": mark("comment"),
    "attest": mark("vouched for the recording"),
}
LANGUAGES = {
    "vi": mark("Vietnamese"),
    "pcc": mark("Giáy"),
    "hmn": mark("Mông"),
    "ium": mark("Dao"),
    "tyz": mark("Tày"),
    "nut": mark("Nùng"),
    "blt": mark("Thái"),
    "mtq": mark("Mường"),
    "hni": mark("Hà Nhì"),
    "lgh": mark("Xá Phó"),
    "lbt": mark("La Chí"),
    "jra": mark("Gia Rai"),
    "rad": mark("Ê Đê"),
    "bdq": mark("Ba Na"),
    "cjm": mark("Chăm"),
    "km": mark("Khmer"),
}
"""What `content.languages` are called."""
ROLES = {
    "viewer": mark("viewer"),
    "secretary": mark("secretary"),
    "cadre": mark("approving cadre"),
    "admin": mark("admin"),
}
PRIORITIES = {
    "routine": mark("routine"),
    "important": mark("important"),
    "emergency": mark("emergency"),
}
CATEGORIES = {
    "khac": mark("Other"),
    "hop-thon": mark("Village meeting"),
    "y-te": mark("Health"),
    "an-sinh": mark("Social security"),
    "doi-song": mark("Electricity, water, daily life"),
    "nong-nghiep": mark("Farming, weather"),
    "chuyen-doi-so": mark("Digital services"),
    "dat-dai": mark("Land"),
    "quan-su": mark("Military, public order"),
    "van-hoa": mark("Culture, festivals"),
    "thien-tai": mark("Natural disaster"),
}
OUTCOMES = {
    "aired": mark("aired"),
    "partial": mark("partly aired"),
    "skipped": mark("not aired"),
    "failed": mark("failed"),
    "waiting": mark("waiting"),
    "missing": mark("no report"),
}
REASONS = {
    "media_incomplete": mark("the audio had not arrived completely"),
    "too_late": mark("its time had passed"),
    "quiet_hours": mark("it would have reached into the quiet hours"),
    "clock_untrusted": mark("the loudspeaker was not sure of the time"),
    "expired": mark("it had expired"),
    "withdrawn": mark("it had been withdrawn"),
    "interrupted": mark("something more urgent interrupted it"),
    "power_cut": mark("the power failed"),
    "output_failed": mark("the sound output failed"),
    "shut_down": mark("the loudspeaker was switched off"),
}
READING_WARNINGS = {
    "no_diacritics": mark(
        "“{written}”: this seems to lack its Vietnamese diacritics, and would be read as nonsense. Type it with them."
    ),
    "unknown_abbreviation": mark("“{written}” is an unknown abbreviation. Write it out in full."),
    "long_sentence": mark("This sentence is very long for listeners: “{written}”. Split it in two."),
    "weekday_mismatch": mark("“{written}”: the weekday does not match the date. Check it."),
    "past_date": mark("“{written}” has already passed. Check it."),
    "impossible_date": mark("“{written}” is no date of the calendar. Check it."),
    "unreadable_symbol": mark("“{written}” cannot be read aloud. Write it in words."),
    "ambiguous": mark("“{written}” can be read in several ways. If the reading below is wrong, write it out in full."),
}
SHORT_DAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
BECAUSE = {
    "chosen_slot": mark("The announcement asked for this slot."),
    "first_room": mark("The announcement may air in any slot, and this is the first of the day with room."),
    "moved_on": mark("An earlier slot of the day was full, so it moved on to this one."),
    "repeat": mark("It was heard earlier this day and is booked to be heard again."),
}
WHY_NOT = {
    "no_room": mark("No room left; it goes on to the next slot."),
    "longer_than_slot": mark("It is longer than the whole slot. Make the slot longer or the text shorter."),
    "quiet_hours": mark("It would reach into the quiet hours."),
    "expires": mark("It would not end before it expires."),
    "no_language": mark("It has no part in a language of this village."),
    "no_opening": mark("None of its slots opens between its dates."),
    "not_ready": mark("Its audio is not approved yet."),
    "taken_out": mark("It was withdrawn or replaced after the slot had begun."),
}
DONE = {
    "saved": mark("The draft is saved."),
    "submitted": mark("Sent for approval. The audio is being made now; you can leave this page."),
    "approved": mark("Approved. It goes into the programme of the villages by itself."),
    "returned": mark("Returned to the writer, with your reason."),
    "restored": mark("The announcement is back in the programme."),
    "retried": mark("The audio is being made again."),
    "slot-added": mark("The slot is in the schedule."),
    "slot-restored": mark("The slot is back in the schedule."),
    "village-added": mark("The village is added. Now pair its loudspeaker."),
    "village-saved": mark("The settings are saved. The loudspeaker takes them up within minutes."),
    "voice-ordered": mark("The voice is being fetched; you can leave this page."),
    "voice-added": mark("The voice is here and speaks."),
    "voice-removed": mark("The voice is out of use."),
    "voice-restored": mark("The voice is back in use."),
    "player-removed": mark("The player is removed. To use it again, pair it anew."),
    "password-changed": mark("Your new password counts from now on. Your other devices are logged out."),
    "second-factor-off": mark("The second step is off. The password alone is enough now."),
    "login-ended": mark("That device is logged out."),
    "person-saved": mark("The account is saved."),
    "person-closed": mark("The account is closed and logged out everywhere. “Open again” undoes it."),
    "person-reopened": mark("The account is open again."),
}
"""What a page says once, after the press that led to it."""
_OF_FACT = {
    "state": STATES,
    "role": ROLES,
    "language": LANGUAGES | {"en": mark("English")},
    "name": {
        "volume_percent": mark("The volume"),
        "warm_up_ms": mark("The warm-up"),
        "freeze_minutes": mark("The freeze"),
    },
}


def said(tongue: Tongue, error: BroadcastError) -> str:
    """An error's sentence in this language, its facts in words."""
    return tongue.say(error.sentence, in_words(tongue, error.facts))


def in_words(tongue: Tongue, facts: dict[str, object]) -> dict[str, object]:
    """Facts whose values are names of the code, as words."""
    return {
        name: tongue.say(_OF_FACT[name].get(str(fact), str(fact))) if name in _OF_FACT else fact
        for name, fact in facts.items()
    }
