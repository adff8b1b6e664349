"""What can be wrong with an announcement, one line per class.

BroadcastError
├── NotFound    NoSuchAnnouncement NoSuchEntry NoSuchTemplate
├── Invalid     TitleMissing TextMissing TextTooLong TextGarbled LegacyEncoding VillagesMissing
│               UntilBeforeFrom UntilIsPast DaysTooFar TimesPerDayOutOfRange ReasonMissing LanguageMissing
│               UnknownLanguage NotHeard CommentMissing WrittenMissing WrittenTooLong SpokenMissing
│               SpokenTooLong SpokenUnreadable EntryExists EntryTwice LexiconFileUnreadable
│               TemplateNameMissing TemplateTextMissing
├── Conflict    WrongState Stale NotRendered EditedMeanwhile DraftExists
└── NotAllowed  FourEyes
"""

from content.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


class NoSuchAnnouncement(NotFound):
    """No announcement by this uuid in this commune."""

    sentence = "This announcement does not exist, or it belongs to another commune."


class TitleMissing(Invalid):
    """A title is what the lists and the log show."""

    sentence = "The announcement has no title. Write one, for instance “Vaccination schedule for December”."
    field = "title"


class TextMissing(Invalid):
    """Nothing to read aloud."""

    sentence = "There is no text to read aloud. Write the announcement."
    field = "text"


class TextTooLong(Invalid):
    """Longer than a listener can take in; nothing is cut, the writer decides."""

    sentence = "The text has {length} characters; at most {limit} can be read in one announcement. Split it in several."
    field = "text"


class TextGarbled(Invalid):
    """Characters that could not be decoded."""

    sentence = "Some characters of the text are damaged (“{sample}”). Paste it again, or type these words anew."
    field = "text"


class LegacyEncoding(Invalid):
    """Text typed in a font of the nineties; its letters are not Vietnamese letters."""

    sentence = (
        "The text is written in the old {encoding} encoding (“{sample}”). "
        "Convert it to Unicode (in Unikey: Ctrl+Shift+F6) and paste it again."
    )
    field = "text"


class VillagesMissing(Invalid):
    """Nobody would hear it."""

    sentence = "No village is chosen. Choose at least one."
    field = "villages"


class UntilBeforeFrom(Invalid):
    """The last day lies before the first."""

    sentence = "The last day ({until_on}) lies before the first day ({from_on}). Correct one of them."
    field = "until_on"


class UntilIsPast(Invalid):
    """Nothing is left of its days."""

    sentence = "The last day ({until_on}) is over. Choose a day from today on."
    field = "until_on"


class DaysTooFar(Invalid):
    """A slip of the finger in the year."""

    sentence = "The days must lie between {first} and {last}. Look at the year again."
    field = "from_on"


class TimesPerDayOutOfRange(Invalid):
    """How often a day it airs."""

    sentence = "An announcement can air 1 to {limit} times a day, not {times}."
    field = "times_per_day"


class ReasonMissing(Invalid):
    """Whoever returns an announcement says why."""

    sentence = "Say what should be changed, so that the writer knows."
    field = "reason"


class LanguageMissing(Invalid):
    """Some villages must hear what is important in their own language."""

    sentence = (
        "{villages}: what is important must be heard there in {language} too. Add a recording in this language, "
        "or leave these villages out."
    )
    field = "parts"


class UnknownLanguage(Invalid):
    """Not one of `content.languages`."""

    sentence = "There is no language “{language}” here. Choose one from the list."
    field = "language"


class NotHeard(Invalid):
    """Who approves has listened, or says why not."""

    sentence = "Listen to the end first, or write why you approve without having listened."
    field = "heard"


class CommentMissing(Invalid):
    """An empty comment."""

    sentence = "Write your comment first."
    field = "comment"


class WrongState(Conflict):
    """The step does not exist from this state."""

    sentence = "This is not possible any more: the announcement is now “{state}”. Load the page again."


class Stale(Conflict):
    """What would be approved is not what was shown."""

    sentence = "The announcement has changed since you opened this page. Read and listen to it again, then decide."


class NotRendered(Conflict):
    """Approval is bound to the audio, so there must be one."""

    sentence = "The recording is not ready yet. Wait until it can be listened to, then approve."


class EditedMeanwhile(Conflict):
    """Two people edit one draft."""

    sentence = (
        "Somebody else has saved this draft meanwhile. Your text is below, theirs is in the saved draft: compare."
    )


class DraftExists(Conflict):
    """One announcement has at most one revision in the making."""

    sentence = "A new version of this announcement is already being written. Go on with that one."


class FourEyes(NotAllowed):
    """The author, and who edited last, never approve."""

    sentence = "You wrote or edited this announcement yourself, so somebody else must approve it."


class NoSuchEntry(NotFound):
    """No entry of the lexicon by this uuid in this commune."""

    sentence = "This entry of the lexicon does not exist. Perhaps somebody has replaced it; look at the list again."


class NoSuchTemplate(NotFound):
    """No template by this uuid in this commune."""

    sentence = "This template does not exist. Look at the list of templates again."


class WrittenMissing(Invalid):
    """A lexicon entry for nothing."""

    sentence = "Write the word or phrase as it stands in announcements."
    field = "written"


class WrittenTooLong(Invalid):
    """Whole sentences are no entries."""

    sentence = "The word or phrase is too long: {limit} characters at most. Take only what is read wrongly."
    field = "written"


class SpokenMissing(Invalid):
    """An entry that says nothing would silence a word."""

    sentence = "Write in letters how it shall be read aloud."
    field = "spoken"


class SpokenTooLong(Invalid):
    """A way of reading is no speech."""

    sentence = "The reading is too long: {limit} characters at most. Shorten it."
    field = "spoken"


class SpokenUnreadable(Invalid):
    """The reading itself must be readable."""

    sentence = "“{sample}” cannot be read aloud. Write it in words."
    field = "spoken"


class EntryExists(Invalid):
    """Two readings for one word: nobody would know which."""

    sentence = "“{written}” is in the lexicon already, read as “{spoken}”. Change that entry."
    field = "written"


class EntryTwice(Invalid):
    """A file names one word twice."""

    sentence = "“{written}” stands twice in this file. Keep one of the lines."
    field = "written"


class LexiconFileUnreadable(Invalid):
    """Not a table of text."""

    sentence = "This file cannot be read as a lexicon. In Excel, save it as “CSV UTF-8” with the columns of the export."
    field = "file"


class TemplateNameMissing(Invalid):
    """The name is what one chooses by."""

    sentence = "Give the template a name, for instance “Village meeting”."
    field = "name"


class TemplateTextMissing(Invalid):
    """A template for nothing."""

    sentence = "Write the text of the template; what changes each time goes in square brackets."
    field = "text"
