"""What can be wrong with an account.

BroadcastError
├── NotFound    NoSuchUser
├── Conflict    LoginTaken
├── Invalid     BadLogin NameMissing WrongLogin
└── NotAllowed  RoleMissing
"""

from content.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


class NoSuchUser(NotFound):
    """No account by this login."""

    sentence = "There is no account “{login}”."


class LoginTaken(Conflict):
    """Logins are unique in a commune."""

    sentence = "The login “{login}” is taken. Choose another."
    field = "login"


class BadLogin(Invalid):
    """Logins are typed on phones and said on the telephone."""

    sentence = "“{login}” cannot be a login. Use 2 to 64 small letters without marks, figures, dots or dashes."
    field = "login"


class NameMissing(Invalid):
    """The name is what others see."""

    sentence = "The account has no name. Write the name of the person."
    field = "name"


class WrongLogin(Invalid):
    """Unknown login or wrong password: we do not say which."""

    sentence = "The login or the password is wrong. Try again, or ask your admin for a new password."
    field = "login"


class RoleMissing(NotAllowed):
    """The role does not reach that far."""

    sentence = "Your account may not do this: it needs the role “{role}”. Ask your admin."
