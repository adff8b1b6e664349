"""What can go wrong between a text and airable audio, each with a sentence that says what to do.

Invalid
├── NothingToSay        the reading holds no word
├── NoVoice             a language that no engine speaks
├── UnknownVoice        a voice id that names nothing
├── NotAudio            a file that is no sound we can read
├── RecordingTooLong    longer than we take
├── RecordingTooBig     more bytes than we take
├── DecodingTimedOut    reading a file took too long and was stopped
├── DecodingDied        reading a file ended the process that did it
├── NoVoiceInFolder     a folder without the two files of a voice
├── VoiceRefused        files that are no voice this server can use
└── Silence             nothing to be heard in it
NotFound
├── NoSuchRecording     a recording that this commune does not have
├── VoiceNotPublished   a name that the makers of voices do not know
└── ObjectMissing       the store has no such object
Conflict
└── RenderCancelled     somebody asked to stop
Unavailable
├── EngineFailed        one rung of the ladder did not speak; the next one is tried
│   ├── EngineMissing       it is not installed here
│   ├── EngineTimedOut      it hung and was stopped
│   ├── EngineDied          its process ended in mid-sentence
│   ├── EngineUnreachable   no network
│   ├── EngineRefused       the service said no (too many calls, forbidden, out of order)
│   ├── VoiceDamaged        the files of its voice are not those that were installed
│   ├── EngineResting       it failed too often and is left alone for a while
│   └── SpeechRejected      it spoke, but what came is not the sentence
├── NoVoiceSpoke        every rung failed
├── LoudnessMissed      five encodings did not meet the standard
├── VoicesUnreachable   no way to the makers of voices
├── DownloadDamaged     what came is not what they published
├── ObjectDamaged       stored bytes no longer match their name
├── StoreFull           no space left
└── StoreNotWritable    the folder cannot be written
"""

from content.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NothingToSay(Invalid):
    """The reading holds no word."""

    sentence = "There is nothing to read aloud. Please write the announcement first."
    field = "text"


class NoVoice(Invalid):
    """No engine speaks this language."""

    sentence = (
        "No synthetic voice speaks this language ({language}) yet. Please ask someone who speaks it to record the "
        "announcement, and add the recording instead."
    )
    field = "language"


class UnknownVoice(Invalid):
    """A voice id that names nothing."""

    sentence = "There is no voice named {voice}. Please choose one from the list."
    field = "voice"


class NotAudio(Invalid):
    """A file that is no sound we can read."""

    sentence = "This file holds no sound that can be read. Please record again, or save it as MP3, M4A or WAV."
    field = "recording"


class RecordingTooLong(Invalid):
    """Longer than we take."""

    sentence = "This sound is longer than {minutes} minutes. Please cut it into shorter announcements."
    field = "recording"


class RecordingTooBig(Invalid):
    """More bytes than we take."""

    sentence = (
        "This file has {size_mb} MB; at most {limit_mb} MB can be taken. Please save it as MP3 or M4A, "
        "or cut it into shorter announcements."
    )
    field = "recording"


class DecodingTimedOut(Invalid):
    """Reading a file took longer than any recording needs, and was stopped."""

    sentence = (
        "Reading this file took more than {seconds} seconds and was stopped. Please save it as MP3 or M4A and send "
        "that; if it is a short recording, try again when the server has less to do."
    )
    field = "recording"


class DecodingDied(Invalid):
    """Reading a file ended the process that did it: its limits, or a crash."""

    sentence = (
        "This file could not be read: it is damaged, or asks for more memory than a recording needs. Please save it "
        "as MP3, M4A or WAV and send that."
    )
    field = "recording"


class NoVoiceInFolder(Invalid):
    """A folder without the two files of a voice."""

    sentence = (
        "The folder {folder} holds no voice. A voice is two files beside each other: NAME.onnx and NAME.onnx.json."
    )
    field = "folder"


class VoiceRefused(Invalid):
    """Files that are no voice this server can use; `detail` says why."""

    sentence = "The voice {voice} cannot be used here ({detail}). Please choose another one."
    field = "voice"


class Silence(Invalid):
    """Nothing to be heard in it."""

    sentence = "Nothing can be heard in this sound. Please check the microphone and record again."
    field = "recording"


class NoSuchRecording(NotFound):
    """A recording that this commune does not have."""

    sentence = "This recording does not exist. Please record again, or choose another file."


class VoiceNotPublished(NotFound):
    """A name that the makers of voices do not know."""

    sentence = "No voice named {voice} is published. `broadcaster voices list` names those for Vietnamese."


class ObjectMissing(NotFound):
    """The store has no such object."""

    sentence = "The audio file {sha256} is not in the store. Please render the announcement again."


class RenderCancelled(Conflict):
    """Somebody asked to stop."""

    sentence = "The rendering was stopped on request. Start it again when the text is ready."


class EngineFailed(Unavailable):
    """One rung of the ladder did not speak. Facts: `engine`, and `detail` for the log."""

    sentence = "The voice engine {engine} did not speak ({detail}). Another voice is used until it works again."


class EngineMissing(EngineFailed):
    """It is not installed here."""

    sentence = "The voice engine {engine} is not installed ({detail}). Please install the server with all its parts."


class EngineTimedOut(EngineFailed):
    """It hung and was stopped."""

    sentence = "The voice engine {engine} took too long and was stopped ({detail}). Please try again."


class EngineDied(EngineFailed):
    """Its process ended in mid-sentence."""

    sentence = "The voice engine {engine} stopped in the middle of a sentence ({detail}). Please try again."


class EngineUnreachable(EngineFailed):
    """No network."""

    sentence = "The voice engine {engine} cannot be reached ({detail}). Please check the network."


class EngineRefused(EngineFailed):
    """The service said no: too many calls, forbidden, out of order."""

    sentence = "The voice engine {engine} refused ({detail}). Please try again later."


class VoiceDamaged(EngineFailed):
    """The files of its voice are not those that were installed."""

    sentence = "The files of the voice {voice} were changed or are damaged. Please install the voice again."


class EngineResting(EngineFailed):
    """It failed too often and is left alone for a while."""

    sentence = "The voice engine {engine} failed several times and rests for {detail}."


class SpeechRejected(EngineFailed):
    """It spoke, but what came is not the sentence: empty, silent, cut off or endless."""

    sentence = "What the voice engine {engine} spoke is not usable ({detail}). Please check the reading."


class NoVoiceSpoke(Unavailable):
    """Every rung failed; `reasons` says how each one did."""

    sentence = "No voice could read this announcement ({reasons}). Please try again, or add a recording."


class RenderingKilled(Unavailable):
    """Each worker that took the job died of it."""

    sentence = "Rendering was cut off {times} times. Please check the server's memory and disk, then try again."


class LoudnessMissed(Unavailable):
    """Five encodings did not meet the standard."""

    sentence = (
        "This sound could not be brought to the broadcast loudness ({detail}). Please record it again, evenly loud."
    )


class VoicesUnreachable(Unavailable):
    """No way to the makers of voices: the voice can be carried in."""

    sentence = (
        "The makers of voices cannot be reached ({detail}). On a computer with internet, download {url} and "
        "{url}.json, carry both files here in one folder, and run: broadcaster voices add FOLDER"
    )


class DownloadDamaged(Unavailable):
    """What came is not what the makers published."""

    sentence = "The file {file} is not what its makers published. It was thrown away; please fetch it again."


class ObjectDamaged(Unavailable):
    """Stored bytes no longer match their name."""

    sentence = (
        "The audio file {sha256} is damaged on the disk. Please render the announcement again and check the disk."
    )


class StoreFull(Unavailable):
    """No space left."""

    sentence = "The disk is full: {folder}. Please free some space; nothing was lost, then try again."


class StoreNotWritable(Unavailable):
    """The folder cannot be written."""

    sentence = "The audio folder {folder} cannot be written ({detail}). Please check its owner and permissions."
