"""Mails (EML, MSG) → text: who wrote to whom and when, the subject as a heading, and what was written.

What a mail quotes of earlier ones is left out: those are mails of their own. Attachments are documents of their own
(`rag.documents.containers`).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

from rag.documents.html import text_of
from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile
from rag.schema import Attachment
from rag.text.packs import alternatives

HEADERS = ("From", "To", "Cc", "Date")
QUOTED = re.compile(r"^\s*>")
# From here on a mail repeats those that it answers.
HISTORY = re.compile(
    rf"^\s*(?:-{{2,}} ?(?:{alternatives('mail_header')}) ?-{{2,}}|_{{10,}}"
    rf"|(?:{alternatives('mail_date')}) .{{5,120}}\b(?:{alternatives('mail_wrote')}) ?:)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
LEFT_OUT = "[…]"


def parse_eml(path: Path) -> Parsed:
    """Read a mail as it was sent (RFC 5322)."""
    mail = message_of(path)
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if body is not None else ""
    if body is not None and body.get_content_subtype() == "html":
        text, _ = text_of(text)
    headers = ((name, str(mail[name])) for name in HEADERS if mail[name])
    return _written(str(mail["Subject"] or ""), dict(headers), text, _attachments(mail))


def _attachments(mail: EmailMessage) -> Iterator[Attachment]:
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "message/rfc822":
            yield Attachment(f"{part.get_filename() or 'message'}.eml".replace(".eml.eml", ".eml"), _inner(part))
        elif isinstance(content, bytes) and part.get_filename():
            yield Attachment(part.get_filename() or "", content)


def _inner(part: Message) -> bytes:
    """Write out a mail that was sent on inside another one."""
    inner = part.get_payload()
    return inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Message) else b""


def message_of(path: Path) -> EmailMessage:
    """Parse a mail; raise `UnreadableFile` where it has neither a sender nor a subject."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    if not (mail["From"] or mail["Subject"]):
        raise UnreadableFile("file.not_readable", kind="EML")
    return mail


def parse_msg(path: Path) -> Parsed:
    """Read a mail as Outlook keeps it."""
    from oxmsg import Message as Outlook

    try:
        mail = Outlook.load(str(path))
        to = "; ".join(f"{recipient.name} <{recipient.email_address}>" for recipient in mail.recipients)
        headers = {"From": mail.sender or "", "To": to, "Date": _day(mail.sent_date)}
        text, subject = mail.body or text_of(mail.html_body or "")[0], mail.subject
        files = [Attachment(a.file_name or "", a.file_bytes) for a in mail.attachments if a.file_bytes]
    except Exception as error:  # whatever the library raises on a damaged file
        raise UnreadableFile("file.not_readable", kind="MSG") from error
    return _written(subject, headers, text, files)


def _day(sent: datetime | None) -> str:
    return sent.strftime("%d/%m/%Y %H:%M") if sent else ""


def _written(subject: str, headers: dict[str, str], text: str, files: Iterable[Attachment]) -> Parsed:
    plain = "\n".join(_own_lines(text.replace("\r\n", "\n")))
    told = "\n".join(f"{name} : {' '.join(value.split())}" for name, value in headers.items() if value)
    subject = " ".join(subject.split())
    return Parsed(
        "\n\n".join(filter(None, [f"# {subject}" * bool(subject), told, plain.strip()])),
        subject,
        attachments=tuple(files),
    )


def _own_lines(text: str) -> Iterator[str]:
    """Leave out the lines of earlier mails; where there is nothing else, they are what was sent on."""
    history = HISTORY.search(text)
    own = text[: history.start()].rstrip() if history else text
    if not any(map(str.isalnum, own)):
        yield text
        return
    left_out = bool(history)
    for line in own.split("\n"):
        if QUOTED.match(line):
            left_out = True
        else:
            yield line.rstrip()
    if left_out:
        yield f"\n{LEFT_OUT}"
