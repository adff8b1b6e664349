"""What can be wrong with an account.

BroadcastError
├── NotFound    NoSuchUser DeadLink NoSuchLogin
├── Conflict    LoginTaken LastAdmin
├── Invalid     BadLogin NameMissing NameTooLong WrongLogin WrongPassword WrongCode
│               PasswordTooShort PasswordTooLong PasswordIsName PasswordIsOld PasswordTooCommon PasswordsDiffer
├── NotAllowed  NotYourVillage RoleMissing
└── Unavailable LockedOut
"""

from datetime import datetime
from typing import cast

from content.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable


class NoSuchUser(NotFound):
    """No account by this login."""

    sentence = "There is no account “{login}”."


class NoSuchLogin(NotFound):
    """Not one of one's own logins, or it has ended."""

    sentence = "This login has ended already."


class DeadLink(NotFound):
    """Never made, used, replaced by a newer one, or older than a day."""

    sentence = "This link is not valid any more: each works once, for one day. Ask your admin for a new one."


class LoginTaken(Conflict):
    """Logins are unique in a commune."""

    sentence = "The login “{login}” is taken. Choose another."
    field = "login"


class LastAdmin(Conflict):
    """Without an admin nobody could make one."""

    sentence = "{name} is the only admin left. Make somebody else an admin first."
    field = "role"


class BadLogin(Invalid):
    """Logins are typed on phones and said on the telephone."""

    sentence = "“{login}” cannot be a login. Use 2 to 64 small letters without marks, figures, dots or dashes."
    field = "login"


class NameMissing(Invalid):
    """The name is what others see."""

    sentence = "The account has no name. Write the name of the person."
    field = "name"


class NameTooLong(Invalid):
    """Names stand in lists."""

    sentence = "The name is too long: {limit} characters at most."
    field = "name"


class WrongLogin(Invalid):
    """Unknown login or wrong password: we do not say which."""

    sentence = "The login or the password is wrong. Try again, or ask your admin for a new password."
    field = "login"


class WrongPassword(Invalid):
    """Who is logged in could not say the password again."""

    sentence = "The present password is wrong. Try again."
    field = "present"


class WrongCode(Invalid):
    """Neither the app's present code nor an unused recovery code."""

    sentence = "This code is wrong or was used already. Wait for the next one in the app, and type that."
    field = "code"


class PasswordTooShort(Invalid):
    """Length is what makes guessing slow."""

    sentence = "The password is too short: {least} characters at least. Three or four words in a row are easy to keep."
    field = "password"


class PasswordTooLong(Invalid):
    """Nobody types that."""

    sentence = "The password is too long: {limit} characters at most."
    field = "password"


class PasswordIsName(Invalid):
    """The first thing that anybody tries."""

    sentence = "The password must not be your login or your name. Choose other words."
    field = "password"


class PasswordIsOld(Invalid):
    """A change that changes nothing."""

    sentence = "This is the password that you had before. Choose another."
    field = "password"


class PasswordTooCommon(Invalid):
    """Among the first that are tried everywhere."""

    sentence = "Very many people use this password, so it is guessed at once. Choose other words."
    field = "password"


class PasswordsDiffer(Invalid):
    """Typed twice since it cannot be seen."""

    sentence = "The two passwords are not the same. Type the second one again."
    field = "again"


class NotYourVillage(NotAllowed):
    """A secretary's own villages are others."""

    sentence = "You do not write for {villages}. Choose among your own villages, or ask the admin to add these."
    field = "villages"


class RoleMissing(NotAllowed):
    """The role does not reach that far."""

    sentence = "Your account may not do this: it needs the role “{role}”. Ask your admin."


class LockedOut(Unavailable):
    """Too many wrong tries for this account or from this address."""

    sentence = "Too many wrong tries. Wait until {time}."

    @property
    def until(self) -> datetime:
        """The aware instant of the fact `time`."""
        return cast("datetime", self.facts["time"])
