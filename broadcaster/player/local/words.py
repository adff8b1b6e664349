"""Every sentence of the local page, in the two languages that the player brings along. No HTML."""

from enum import StrEnum
from typing import NamedTuple

from broadcaster.player.errors import ClockRefused, DiskFull, PlayerError, Refused, ServerAway, Trouble
from broadcaster.player.machine import TimeSource
from broadcaster.protocol import ClockState


class Language(StrEnum):
    """What the page can be read in."""

    VI = "vi"
    EN = "en"


class Sentence(NamedTuple):
    """One sentence in each language; `{x}` is filled in."""

    vi: str
    en: str

    def of(self, language: Language, **facts: object) -> str:
        """Say it."""
        text = self.vi if language is Language.VI else self.en
        return text.format(**facts)


TITLE = Sentence("Bộ điều khiển loa", "Loudspeaker player")
OTHER_LANGUAGE = Sentence("English", "Tiếng Việt")
REFRESH = Sentence("Xem lại", "Look again")
PLAYING = Sentence("Đang phát: {title}", "On air: {title}")
UNTIL = Sentence("đến {at}", "until {at}")
SILENT = Sentence("Loa đang im", "Nothing is on air")
NEXT = Sentence("Sắp phát", "Next")
NOTHING_NEXT = Sentence("Chưa có mục nào trong chương trình đã nhận.", "Nothing is planned in what has been received.")
PROGRAMME_UNTIL = Sentence("Chương trình đã nhận có hiệu lực đến {at}.", "The programme received is valid until {at}.")
NO_PROGRAMME = Sentence("Chưa nhận được chương trình nào từ máy chủ.", "No programme has come from the server yet.")

CALL = Sentence("Phát câu soạn sẵn", "Sound a prepared phrase")
CALL_HELP = Sentence(
    "Chỉ dùng khi khẩn cấp. Loa phát ngay, lặp lại cho đến khi bấm Dừng, nhiều nhất năm phút; không cần máy chủ.",
    "For emergencies. It sounds at once, again and again until Stop, five minutes at most; no server is needed.",
)
CALL_NOW = Sentence("Phát ngay ra loa", "Sound it now")
CALL_NONE = Sentence("Máy chủ chưa gửi câu soạn sẵn nào.", "The server has sent no prepared phrases yet.")
STOP = Sentence("Dừng", "Stop")
STARTED = Sentence("Đã cho phát câu “{title}”.", "“{title}” is being sounded.")
STOPPED = Sentence("Đã dừng.", "Stopped.")
NOTHING_TO_STOP = Sentence(
    "Không có gì để dừng: chỉ dừng được những gì phát từ trang này.",
    "There was nothing to stop: only what was started on this page can be stopped here.",
)

SOUND = Sentence("Âm thanh", "Sound")
VOLUME = Sentence("Âm lượng", "Volume")
VOLUME_HELP = Sentence("{percent} %, do xã đặt trên máy chủ", "{percent} %, set by the commune on the server")
VOLUME_TURNED = Sentence(
    "{percent} %, đặt tại loa này (xã đặt {communes} %)", "{percent} %, set here ({communes} % by the commune)"
)
VOLUME_HERE = Sentence("Âm lượng tại loa này, từ 0 đến 100", "Volume of this loudspeaker, 0 to 100")
VOLUME_HERE_HELP = Sentence(
    "Có hiệu lực từ mục phát sau, cho đến khi xã đặt âm lượng khác. Thông báo khẩn vẫn theo xã.",
    "From the next item on, until the commune sets another. Emergencies stay as the commune set them.",
)
VOLUME_TAKE = Sentence("Đặt âm lượng", "Set the volume")
VOLUME_BACK = Sentence("Trở lại mức của xã", "Back to the commune's")
VOLUME_SET = Sentence("Đã đặt âm lượng {percent} %.", "The volume is {percent} %.")
VOLUME_LET_GO = Sentence("Âm lượng lại theo mức của xã.", "The volume is the commune's again.")
VOLUME_UNREADABLE = Sentence("Âm lượng là một số từ 0 đến 100.", "The volume is a number from 0 to 100.")
EMERGENCY_VOLUME = Sentence("Âm lượng khi khẩn cấp", "Volume of emergencies")
TONE = Sentence("Phát thử một tiếng", "Sound a test tone")
TONE_HELP = Sentence("Hai giây, to vừa phải. Cả thôn nghe thấy.", "Two seconds, not loud. The village hears it.")
TONE_STARTED = Sentence("Đã cho phát thử. Có nghe thấy không?", "The test tone is being sounded. Can you hear it?")

CLOCK = Sentence("Đồng hồ", "Clock")
CLOCK_NOW = Sentence("Giờ của loa", "The player's time")
CLOCK_STATE = Sentence("Tình trạng", "State")
CLOCK_SOURCE = Sentence("Lấy giờ từ", "Time from")
CLOCK_ERROR = Sentence("Sai nhiều nhất", "Off by at most")
SECONDS = Sentence("{seconds} giây", "{seconds} s")
UNKNOWN = Sentence("chưa rõ", "not known")
STATES = {
    ClockState.TRUSTED: Sentence("Đúng giờ", "To be trusted"),
    ClockState.DRIFTING: Sentence("Lâu chưa so giờ, vẫn phát", "Not compared lately; it plays"),
    ClockState.UNTRUSTED: Sentence("Không biết giờ, không phát theo lịch", "Not known; nothing airs by the plan"),
}
SOURCES = {
    TimeSource.SERVER: Sentence("máy chủ", "the server"),
    TimeSource.NTP: Sentence("Internet (NTP)", "the Internet (NTP)"),
    TimeSource.HARDWARE: Sentence("đồng hồ gắn trong máy", "the hardware clock"),
    TimeSource.PHONE: Sentence("điện thoại", "a phone"),
}
NOBODY = Sentence("chưa có", "nobody yet")
NO_TIME = Sentence(
    "Loa không biết bây giờ là mấy giờ, nên không phát theo lịch. Hãy cho loa giờ của điện thoại này.",
    "The player does not know what time it is, so nothing airs by the plan. Give it the time of this phone.",
)
GIVE_TIME = Sentence("Lấy giờ của điện thoại này", "Take the time of this phone")
TYPED_TIME = Sentence(
    "Ngày giờ bây giờ (khi điện thoại không tự gửi được)", "Date and time now (if not sent by itself)"
)
TIME_TAKEN = Sentence(
    "Đã lấy giờ của điện thoại; đồng hồ của loa dời {seconds} giây.",
    "The phone's time was taken; the player's clock moved by {seconds} s.",
)
TIME_UNREADABLE = Sentence("Hãy nhập cả ngày và giờ bây giờ.", "Type today's date and the time now.")
TIME_REFUSED = Sentence(
    "Không lấy giờ này: đồng hồ của loa đang đúng, hoặc giờ đưa vào sai. Hãy xem lại giờ trên điện thoại.",
    "This time is not taken: the player's clock is right already, or the time is wrong. Look at the phone's own clock.",
)

LINK = Sentence("Kết nối", "Connection")
SERVER = Sentence("Máy chủ", "Server")
LAST_CONTACT = Sentence("Lần liên lạc gần nhất", "Last contact")
TROUBLE = Sentence("Trục trặc", "Trouble")
KEY = Sentence("Khóa của máy chủ", "The server's key")
NETWORKS = Sentence("Mạng", "Network")
WIFI = Sentence("Sóng Wi-Fi", "Wi-Fi signal")
MISSING = Sentence("Tệp chưa nhận đủ", "Objects missing")
WAITING = Sentence("Dòng nhật ký chưa gửi", "Rows not sent yet")
NONE = Sentence("không", "none")
BYTES_MONTH = Sentence("Dữ liệu mạng tháng này", "Data this month")
NEVER = Sentence("chưa lần nào", "never")
TROUBLES = {
    Trouble.SERVER_DOWN: Sentence(
        "Máy chủ không trả lời. Loa vẫn phát chương trình đã nhận.", "The server is down. What was received still airs."
    ),
    Trouble.NO_NETWORK: Sentence(
        "Không có mạng. Xem bộ phát sóng có bật, SIM còn tiền không.", "No network. Is the modem on, is there credit?"
    ),
    Trouble.PORTAL: Sentence(
        "Mạng đòi đăng nhập. Hãy dùng điện thoại trong cùng mạng để đăng nhập.",
        "The network wants a login. Log in with a phone in the same network.",
    ),
    Trouble.TLS: Sentence(
        "Không kết nối an toàn được với máy chủ. Báo người quản trị.", "No secure connection. Tell the administrator."
    ),
    Trouble.CLOCK: Sentence("Đồng hồ sai nên không kết nối được.", "The clock is wrong, so there is no connection."),
    Trouble.PROXY: Sentence("Máy trung gian (proxy) không cho qua.", "The proxy does not let us through."),
    Trouble.WRONG_SERVER: Sentence(
        "Nơi trả lời không phải máy chủ của ta. Xem lại địa chỉ.", "Something else answers. Is the address right?"
    ),
    Trouble.REFUSED: Sentence(
        "Máy chủ không nhận bộ điều khiển này. Hãy ghép nối lại.", "The server refuses this player. Pair it again."
    ),
}

BUNDLE = Sentence("Mang chương trình đến bằng điện thoại", "Bring the programme by phone")
BUNDLE_HELP = Sentence(
    "Khi loa không có mạng: tải gói chương trình trên trang thôn của máy chủ về điện thoại, rồi chọn tệp đó ở đây.",
    "Where the player has no network: fetch the bundle from the village's page on the server, and choose it here.",
)
BUNDLE_FILE = Sentence("Tệp bundle-….zip", "The file bundle-….zip")
BUNDLE_TAKE = Sentence("Đưa vào loa", "Hand it in")
BUNDLE_MISSING = Sentence("Hãy chọn tệp trước khi bấm.", "Choose the file before you press.")
BUNDLE_BROKEN = Sentence(
    "Tệp chưa đến đủ. Hãy đứng gần loa hơn rồi gửi lại.", "The file did not come whole. Go nearer and send it again."
)
BUNDLE_LARGE = Sentence("Tệp lớn hơn {gigabytes} GB, loa không nhận.", "No file over {gigabytes} GB is taken.")
BUNDLE_REFUSED = Sentence(
    "Không nhận tệp này: nó không phải gói dành cho loa này, hoặc đã bị hỏng, bị sửa. Hãy tải lại từ máy chủ.",
    "This file is not taken: it is no bundle for this player, or was damaged or changed. Fetch it again.",
)
BUNDLE_NEWER = Sentence("Đã nhận chương trình mới.", "A newer programme was taken in.")
BUNDLE_NOT_NEWER = Sentence(
    "Chương trình trong gói không mới hơn chương trình đang có.", "The programme in it is no newer than the one here."
)
BUNDLE_OBJECTS = Sentence("Số tệp mới nhận: {objects}.", "New files: {objects}.")
BUNDLE_PARTLY = Sentence(
    "{refused} phần bị từ chối vì hỏng, bị sửa, hoặc ổ nhớ đầy.",
    "{refused} parts were refused: damaged, changed, or the disk is full.",
)
DISK_FULL = Sentence("Ổ nhớ của loa không đủ chỗ.", "The player's disk has no room for it.")
JOURNAL = Sentence("Tải nhật ký phát về điện thoại", "Take the journal along")
JOURNAL_HELP = Sentence(
    "Nộp tệp này lên trang thôn của máy chủ để xã biết loa đã phát những gì.",
    "Hand it in on the village's page of the server: then the commune knows what was aired.",
)

HARDWARE = Sentence("Loại máy", "Hardware")
MACHINE = Sentence("Máy", "Machine")
DISK = Sentence("Ổ nhớ còn trống", "Free disk")
TEMPERATURE = Sentence("Nhiệt độ", "Temperature")
VOLTAGE = Sentence("Nguồn điện", "Power supply")
VOLTAGE_LOW = Sentence("yếu, nên thay nguồn", "too weak: replace it")
VOLTAGE_GOOD = Sentence("đủ", "good")
VERSION = Sentence("Phiên bản", "Version")

PAIR = Sentence("Ghép nối với máy chủ", "Pair with a server")
PAIR_AGAIN = Sentence("Ghép nối lại", "Pair again")
PAIR_HELP = Sentence(
    "Người quản trị bấm “Ghép bộ điều khiển” trên máy chủ để lấy mã. Mã dùng được 15 phút.",
    "An administrator gets a code on the server's page of players. It lives 15 minutes.",
)
PAIR_AGAIN_HELP = Sentence(
    "Nhật ký phát được giữ lại. Loa ngừng trong giây lát.",
    "What was aired stays in the journal. The player stops for a moment.",
)
ADDRESS = Sentence("Địa chỉ máy chủ", "Address of the server")
CODE = Sentence("Mã ghép nối", "Pairing code")
NAME = Sentence("Tên bộ điều khiển", "Name of this player")
PAIR_NOW = Sentence("Ghép nối", "Pair")
COMPARE = Sentence("Có đúng là máy chủ của xã không?", "Is it the commune's server?")
COMPARE_HELP = Sentence(
    "So dãy chữ số này với dãy trên màn hình của người quản trị. Khác dù một chữ thì đừng ghép.",
    "Compare these with what the administrator's screen shows. If one letter differs, do not pair.",
)
SAME = Sentence("Giống nhau, ghép nối", "They are the same: pair")
BACK = Sentence("Quay lại", "Back")
PAIRED = Sentence("Đã ghép nối với {village}.", "Paired: this player plays for {village}.")
STARTS = Sentence("Loa đang khởi động, chờ vài giây.", "The player is starting: wait a few seconds.")
CODE_UNREADABLE = Sentence(
    "Mã có 8 chữ và số, không có I, O, 0 và 1. Hãy xem lại.",
    "A code has 8 letters and digits, without I, O, 0 and 1. Look again.",
)
ADDRESS_UNREADABLE = Sentence(
    "Địa chỉ bắt đầu bằng https:// hoặc http://.", "The address begins with https:// or http://."
)
CODE_REFUSED = Sentence(
    "Máy chủ không nhận mã này. Xin người quản trị mã mới.",
    "The server does not take this code. Ask the administrator for a new one.",
)
NO_ANSWER = Sentence(
    "Không có trả lời từ địa chỉ này. Xem lại địa chỉ và mạng rồi thử lại.",
    "No answer from this address. Check the address and the network, then try again.",
)

PIN = Sentence("Mã PIN", "PIN")
PIN_HELP = Sentence(
    "Sáu chữ số. Trên máy này, lệnh “broadcaster-player status” cho biết mã.",
    "Six digits. On the machine itself `broadcaster-player status` tells it.",
)
ENTER = Sentence("Vào", "Enter")
PIN_WRONG = Sentence("Mã PIN không đúng.", "That is not the PIN.")
PIN_CLOSED = Sentence(
    "Sai quá nhiều lần. Thử lại sau {minutes} phút.", "Too many wrong tries. Try again in {minutes} minutes."
)
STALE = Sentence("Trang này đã cũ. Hãy bấm lại.", "This page was too old. Press again.")
NOT_DONE = Sentence("Chưa làm được. Hãy thử lại.", "It could not be done. Try again.")
AUDIO_MISSING = Sentence("Câu này chưa có đủ âm thanh.", "The audio of this phrase has not arrived yet.")


def of_error(error: PlayerError) -> Sentence:
    """Say what kept something from being done; only its kind can be told in two languages."""
    cause = error.__cause__ if isinstance(error.__cause__, PlayerError) else error
    if isinstance(cause, ClockRefused):
        return TIME_REFUSED
    if isinstance(cause, DiskFull):
        return DISK_FULL
    if isinstance(cause, Refused):
        return CODE_REFUSED
    if isinstance(cause, ServerAway):
        return NO_ANSWER if cause.trouble is Trouble.SERVER_DOWN else TROUBLES[cause.trouble]
    return NOT_DONE


WEEKDAYS = (
    Sentence("thứ Hai", "Monday"),
    Sentence("thứ Ba", "Tuesday"),
    Sentence("thứ Tư", "Wednesday"),
    Sentence("thứ Năm", "Thursday"),
    Sentence("thứ Sáu", "Friday"),
    Sentence("thứ Bảy", "Saturday"),
    Sentence("Chủ nhật", "Sunday"),
)
WHEN = Sentence("{hour} giờ {minute:02d}, {day} {date}", "{hour}:{minute:02d}, {day} {date}")
