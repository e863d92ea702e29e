"""Every exception of this project, one tree.

    BotError
    ├── SettingsError        settings are missing or wrong; lists every problem at once
    ├── KnowledgeError       the knowledge base has errors and was not loaded
    ├── WebhookError         a webhook call is refused
    │   ├── BadSignature     401/403: nothing was parsed
    │   ├── BadBody          400: signed, but not the JSON the contract describes
    │   └── ChannelOff       503: the channel has no secret, or is switched off
    ├── AnswererGone         a helper process that answers did not survive a turn
    ├── StoreError           the store cannot take or give rows now
    │   └── ClaimLost        another worker owns the conversation; nothing was written
    └── SendError            a platform did not accept a message
        ├── Refused          definite refusal, worth another try later
        ├── RefusedForGood   definite refusal that no retry can mend
        ├── WindowClosed     the citizen's reply window is over
        ├── TokenRefused     the access token was refused; refresh once, then retry
        ├── AccountTrouble   the whole account is refused; pause it
        └── Unknown          a read timeout: delivered or not, nobody knows

Each docstring is the default message, so that an error never arrives without a sentence.
"""

from __future__ import annotations


class BotError(Exception):
    """Something went wrong in the answer desk."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or type(self).__name__).strip())


class SettingsError(BotError):
    """The settings are not usable."""


class KnowledgeError(BotError):
    """The knowledge base has errors and was not loaded."""


class WebhookError(BotError):
    """A webhook call was refused."""


class BadSignature(WebhookError):
    """The signature of a webhook call is missing or wrong."""


class BadBody(WebhookError):
    """The body of a webhook call is not the JSON that the channel promises."""


class ChannelOff(WebhookError):
    """The channel is off: a secret is missing, or it was switched off."""


class StoreError(BotError):
    """The store cannot take or give rows at the moment."""


class AnswererGone(BotError):
    """A helper process that computes answers did not start, or ended over this turn."""


class ClaimLost(StoreError):
    """The claim on this conversation has passed to another worker."""


class SendError(BotError):
    """A platform did not accept a message."""

    def __init__(self, message: str | None = None, *, code: str = "") -> None:
        super().__init__(message)
        #: The platform's own code, for the attempt row ("-230", "10/2018278", "http 502").
        self.code = code


class Refused(SendError):
    """The platform refused the message for now."""


class RefusedForGood(SendError):
    """The platform refused the message, and a retry cannot change that."""


class WindowClosed(SendError):
    """The window in which this citizen may be answered is over."""


class TokenRefused(SendError):
    """The platform refused the access token."""


class AccountTrouble(SendError):
    """The platform refuses the whole account."""


class Unknown(SendError):
    """No answer came in time: the message may or may not have been delivered."""
