"""Words for what the code names: states, priorities, outcomes, categories. English messages, translated at use.

Keys are the stored values, so that a template can look up what a row holds.
"""

from broadcaster import i18n
from broadcaster.i18n import Tongue
from broadcaster.reports.words import HEARINGS as HEARINGS  # noqa: PLC0414  (templates look them up here)
from broadcaster.reports.words import LANGUAGES as LANGUAGES  # noqa: PLC0414
from broadcaster.reports.words import OUTCOMES as OUTCOMES  # noqa: PLC0414
from broadcaster.reports.words import PRIORITIES as PRIORITIES  # noqa: PLC0414
from content.kernel.errors import BroadcastError

mark = i18n.mark

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
    "recall": mark("taken back, to be written on"),
    "approve": mark("approved"),
    "withdraw": mark("withdrawn"),
    "restore": mark("restored"),
    "discard": mark("discarded"),
    "comment": mark("comment"),
    "attest": mark("vouched for the recording"),
}
HEARD = {
    "to_the_end": mark("heard to the end"),
    "declared": mark("declares to have heard it to the end"),
    "not": mark("not heard to the end"),
}
"""What approvers said of the listening."""
ACTS = {
    "account.added": mark("made an account"),
    "account.changed": mark("changed an account"),
    "account.closed": mark("closed an account"),
    "account.link_made": mark("made a link for choosing a password"),
    "account.link_used": mark("chose a password by a link"),
    "account.locked_out": mark("locked an account for a while, after too many wrong passwords"),
    "account.logged_in": mark("logged in"),
    "account.password_set": mark("set a new password"),
    "account.recovery_code_used": mark("used a recovery code"),
    "account.reopened": mark("opened an account again"),
    "account.second_factor_off": mark("switched the second step off"),
    "account.second_factor_on": mark("switched the second step on"),
    "airing.changed": mark("changed the settings of a village"),
    "alert.asked": mark("asked a second person to confirm an alert"),
    "alert.cancelled": mark("stopped an alert"),
    "alert.confirmed": mark("confirmed an alert as the second person"),
    "alert.phones_changed": mark("changed the telephone numbers of the villages"),
    "alert.raised": mark("raised an alert"),
    "alert.rules_changed": mark("changed the rules for alerts and drills"),
    "alert.updated": mark("gave an alert other words"),
    "announcement.approve": mark("approved an announcement"),
    "announcement.attest": mark("vouched for a recording"),
    "announcement.comment": mark("commented on an announcement"),
    "announcement.discard": mark("discarded a draft"),
    "announcement.drafted": mark("began an announcement"),
    "announcement.edited": mark("wrote in somebody else's draft"),
    "announcement.recorded": mark("put a recording into an announcement, or took it out"),
    "announcement.recall": mark("took an announcement back, to write on"),
    "announcement.restore": mark("restored an announcement"),
    "announcement.return": mark("returned an announcement for correction"),
    "announcement.revised": mark("began a new version of an announcement"),
    "announcement.submit": mark("sent an announcement for approval"),
    "announcement.withdraw": mark("withdrew an announcement"),
    "cap.aired": mark("put somebody's warning on the air"),
    "cap.passed_over": mark("passed a warning over"),
    "cap.places_changed": mark("changed where villages are"),
    "cap.received": mark("a warning came"),
    "cap.settled": mark("carried out the end of a warning"),
    "cap.source_added": mark("added a source of warnings"),
    "cap.source_changed": mark("changed a source of warnings"),
    "cap.source_removed": mark("removed a source of warnings"),
    "cap.source_restored": mark("restored a source of warnings"),
    "cap.taken_up": mark("took a warning up again"),
    "cap.token_made": mark("made a token for a source of warnings"),
    "cap.token_revoked": mark("ended the token of a source of warnings"),
    "booking.changed": mark("changed where or when an announcement airs"),
    "booking.made": mark("booked an announcement for airing"),
    "booking.restored": mark("restored a booking"),
    "booking.withdrawn": mark("took an announcement off the schedule"),
    "feed.renewed": mark("made a new address for a village's calendar and playlist"),
    "feed.reopened": mark("opened the address of a village's calendar and playlist again"),
    "feed.shut": mark("shut the address of a village's calendar and playlist"),
    "lexicon.added": mark("put a word into the lexicon"),
    "lexicon.changed": mark("changed how a word is read"),
    "lexicon.imported": mark("took a table into the lexicon"),
    "lexicon.removed": mark("took a word out of the lexicon"),
    "lexicon.restored": mark("put a word back into the lexicon"),
    "notices.channel_added": mark("added a channel of notifications"),
    "notices.channel_changed": mark("changed a channel of notifications"),
    "notices.channel_removed": mark("removed a channel of notifications"),
    "notices.channel_restored": mark("restored a channel of notifications"),
    "log.comment_removed": mark("removed a comment from the broadcast log"),
    "log.comment_restored": mark("brought back a comment of the broadcast log"),
    "log.commented": mark("commented in the broadcast log"),
    "log.heard": mark("somebody at a loudspeaker said what was heard"),
    "log.hearing_link_ended": mark("ended a village's card for saying what was heard"),
    "log.hearing_link_made": mark("made a village's card for saying what was heard"),
    "log.row_looked_at": mark("put aside a report that could not be taken"),
    "log.row_reopened": mark("put a report that could not be taken back on the list"),
    "log.row_taken": mark("took a report in that had been set aside"),
    "phrase.changed": mark("changed a prepared phrase for emergencies"),
    "player.code_made": mark("made a code for pairing a loudspeaker"),
    "player.journal_imported": mark("brought in what a loudspeaker aired, by stick"),
    "player.paired": mark("a loudspeaker was paired"),
    "player.revoked": mark("removed a loudspeaker"),
    "province.link_changed": mark("changed the link to the province"),
    "recording.received": mark("sent a recording"),
    "rules.changed": mark("changed the rules of airing"),
    "report.order_ended": mark("ended the sending of a report"),
    "report.ordered": mark("ordered a report to be sent"),
    "server.released": mark("looked at the restored server, and had it publish again"),
    "server.restored": mark("the server was restored from a backup"),
    "slot.cancelled": mark("cancelled a slot"),
    "slot.changed": mark("changed a slot"),
    "slot.opened": mark("added a slot"),
    "slot.reopened": mark("put a slot back into the schedule"),
    "template.added": mark("added a template"),
    "template.changed": mark("changed a template"),
    "template.removed": mark("removed a template"),
    "template.restored": mark("restored a template"),
    "voice.added": mark("added a voice"),
    "voice.ordered": mark("had a voice fetched"),
    "voice.removed": mark("took a voice out of use"),
    "voice.restored": mark("put a voice back in use"),
}
"""What the audit log notes; an act that is not here is shown by its name."""
KINDS_OF_ACTS = {
    "alert.": mark("Alerts"),
    "phrase.": mark("Prepared phrases"),
    "announcement.": mark("Announcements"),
    "booking.": mark("Bookings"),
    "slot.": mark("Slots"),
    "rules.": mark("Rules of airing"),
    "feed.": mark("Calendars and playlists"),
    "airing.": mark("Settings of villages"),
    "player.": mark("Loudspeakers"),
    "recording.": mark("Recordings"),
    "voice.": mark("Voices"),
    "account.": mark("Accounts"),
    "lexicon.": mark("Lexicon"),
    "log.": mark("Broadcast log"),
    "template.": mark("Templates"),
    "cap.": mark("Warnings from others"),
    "notices.": mark("Notifications"),
    "province.": mark("The province's system"),
    "server.": mark("The server"),
}
ROLES = {
    "viewer": mark("viewer"),
    "secretary": mark("secretary"),
    "cadre": mark("approving cadre"),
    "admin": mark("admin"),
}
PACES = {
    "calm": mark("calm"),
    "slow": mark("slow"),
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
    "output_silent": mark("played, but silently: the volume was at zero"),
    "shut_down": mark("the loudspeaker was switched off"),
    "stream_silent": mark("the relayed station was silent"),
    "stream_gone": mark("the relayed station could not be reached"),
    "relay_unsupported": mark("the loudspeaker lacks the software for relays"),
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
LEFT_OUT = {
    "national motto": mark("national motto"),
    "issuing body": mark("issuing body"),
    "number and symbol": mark("number and symbol"),
    "place and date": mark("place and date"),
    "recipients": mark("recipients"),
    "signature": mark("signature"),
}
"""What `content.importing` leaves out of an administrative document."""
SHORT_DAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
BECAUSE = {
    "chosen_slot": mark("The announcement asked for this slot."),
    "first_room": mark("The announcement may air in any slot, and this is the first of the day with room."),
    "moved_on": mark("An earlier slot of the day was full, so it moved on to this one."),
    "repeat": mark("It was heard earlier this day and is booked to be heard again."),
    "every_opening": mark("It is booked for each opening of this slot."),
    "emergency": mark("It is an emergency, which goes even into a programme that was settled already."),
    "opens": mark("The slot opens with a chime."),
    "closes": mark("The slot closes with a chime."),
    "relays": mark("This slot relays a station once its announcements are over."),
}
WHY_NOT = {
    "no_room": mark("No room left; it goes on to the next slot."),
    "longer_than_slot": mark("It is longer than the whole slot. Make the slot longer or the text shorter."),
    "quiet_hours": mark("It would reach into the quiet hours."),
    "expires": mark("It would not end before it expires."),
    "too_soon": mark("It was heard shortly before; its next airing is later, so that it does not tire."),
    "no_language": mark("It has no part in a language of this village."),
    "no_opening": mark("None of its slots opens between its dates."),
    "not_ready": mark("Its audio is not approved yet."),
    "taken_out": mark("It was withdrawn or replaced after the slot had begun."),
    "gave_way": mark("An emergency needed its place."),
}
DONE = {
    "saved": mark("The draft is saved."),
    "submitted": mark("Sent for approval. The audio is being made now; you can leave this page."),
    "decided-meanwhile": mark("Taken back or decided meanwhile: nothing was changed. This is how it stands now."),
    "approved": mark("Approved. It goes into the programme of the villages by itself."),
    "returned": mark("Returned to the writer, with your reason."),
    "restored": mark("The announcement is back in the programme."),
    "retried": mark("The audio is being made again."),
    "recalled": mark("Taken back: it is a draft again."),
    "copied": mark("This is a copy, as a draft of its own. Check days and villages."),
    "draft-restored": mark("The draft is back."),
    "commented": mark("Your comment is in the history."),
    "attested": mark("Noted that you vouch for the recording."),
    "booking-changed": mark("The change is saved. What airs follows within a minute."),
    "gap-changed": mark("The rule is saved. What airs follows within a minute."),
    "holidays-entered": mark("The days are holidays now. What airs follows within a minute."),
    "feed-renewed": mark("The village has a new address. The one before no longer works."),
    "feed-opened": mark("The address works again."),
    "slot-added": mark("The slot is in the schedule."),
    "slot-restored": mark("The slot is back in the schedule."),
    "slot-changed": mark("The slot is changed. What airs follows within a minute."),
    "phrase-saved": mark("Saved. The phrase is spoken anew, and sent to all loudspeakers by itself."),
    "phrase-recorded": mark("The recording will be heard. It is sent to all loudspeakers by itself."),
    "phones-saved": mark("The telephone numbers are saved."),
    "rules-saved": mark("The rules are saved, and hold from now on."),
    "village-added": mark("The village is added. Now pair its loudspeaker."),
    "village-saved": mark("The settings are saved. The loudspeaker takes them up within minutes."),
    "voice-ordered": mark("The voice is being fetched; you can leave this page."),
    "voice-added": mark("The voice is here and speaks."),
    "voice-removed": mark("The voice is out of use."),
    "voice-restored": mark("The voice is back in use."),
    "player-removed": mark("The player is removed. To use it again, pair it anew."),
    "imported": mark("The text of the file is in the draft. Read it through before you send it."),
    "entry-added": mark("The word is in the lexicon."),
    "entry-changed": mark("The word is read the new way from now on."),
    "entry-restored": mark("The word is back in the lexicon."),
    "lexicon-imported": mark("The words of the table are in the lexicon."),
    "template-kept": mark("The template is saved."),
    "template-restored": mark("The template is back."),
    "templates-added": mark("The templates are added. Change them as you like."),
    "password-changed": mark("Your new password counts from now on. Your other devices are logged out."),
    "second-factor-off": mark("The second step is off. The password alone is enough now."),
    "login-ended": mark("That device is logged out."),
    "warning-passed-over": mark("Passed over: nothing sounds because of it."),
    "source-saved": mark("The source is saved."),
    "token-revoked": mark("The token has ended."),
    "province-saved": mark("The link is saved. The province is asked within a minute."),
    "places-saved": mark("The places are saved. They count for the next warning."),
    "channel-added": mark("The channel is saved, and a test is on its way. See below whether it arrives."),
    "channel-saved": mark("The channel is saved."),
    "channel-tested": mark("A test is on its way. Load this page again in a moment to see whether it arrived."),
    "person-saved": mark("The account is saved."),
    "person-closed": mark("The account is closed and logged out everywhere. “Open again” undoes it."),
    "person-reopened": mark("The account is open again."),
    "log-commented": mark("Your comment is in the log."),
    "log-comment-restored": mark("The comment is back."),
    "card-made": mark("The card is ready. An older card of this village does not work any more."),
    "card-ended": mark("The village's card does not work any more."),
    "orders-kept": mark("What is sent is noted."),
    "row-looked-at": mark("The report is off the list."),
    "row-reopened": mark("The report is on the list again."),
    "row-taken": mark("The report is in the log now."),
    "released": mark("The loudspeakers get the restored programme within minutes."),
    "row-not-taken": mark("The report still cannot be taken, for the same reason."),
}
"""What a page says once, after the press that led to it."""
_OF_FACT = {
    "state": STATES,
    "role": ROLES,
    "language": LANGUAGES | {"en": mark("English")},
    "name": {
        "volume_percent": mark("The volume"),
        "emergency_volume_percent": mark("The volume of emergencies"),
        "warm_up_ms": mark("The warm-up"),
        "freeze_minutes": mark("The freeze"),
        "gap_minutes": mark("The time between two airings"),
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
