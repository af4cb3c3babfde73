"""The mail that waits and the mail that went: put in by an act, sent after its commit, and tried again.

A mail never undoes what it tells of, and nobody waits long for it: what goes wrong is written beside
it and said in the log, and `manage.py send_mail` tries again.
"""

import datetime
import logging
import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.core.checks import Info
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone

from .dates import today
from .models import Mail

# Minutes until the next try, after the first, the second, …; a day and a half in all. The first is
# longer than sending may take, for in that time nobody else takes the mail up.
BACKOFF = (5, 10, 20, 60, 120, 240, 480, 720, 720)
TRIES = len(BACKOFF)
KEPT = datetime.timedelta(days=90)
# What is wrong with this mail or its address; after anything else the next one would fail as well.
OF_THIS_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
log = logging.getLogger(__name__)


def check_mail_settings(app_configs, **kwargs):
    unset = " and ".join(settings.MAIL_VARIABLES_UNSET)
    if not unset:
        return []
    where = f"goes to {settings.EMAIL_HOST or 'no server'} and comes from {settings.DEFAULT_FROM_EMAIL}"
    return [Info(f"Not set: {unset}. Mail {where}.", hint="See docs/operations.md.", id="staff.I001")]


@dataclass
class Outcome:
    sent: int = 0
    given_up: int = 0


def queue(kind, *, to, key, path, **said):
    """Put in one mail of this kind, once, with a link to a page of ours. Returns it, or None where there
    is nobody to write to.

    Its words are in templates/mail/KIND.txt: the first line is the subject.
    """
    if not to.is_active or not to.email:
        return None
    link = settings.SITE_URL + path
    text = render_to_string(f"mail/{kind}.txt", {"person": to, "link": link, **said})
    subject, _, text = text.partition("\n")
    mail, is_new = Mail.objects.get_or_create(
        key=f"{kind}:{key}", defaults={"person": to, "kind": kind, "subject": subject, "text": text.strip()}
    )
    return mail if is_new else None


def send_after_commit(mail):
    """Robust: whoever acted has their answer, whatever becomes of the mail."""
    if mail is not None:
        transaction.on_commit(lambda: _send_all([mail]), robust=True)


def send_waiting():
    """Send what is due, until the mail server itself fails. Returns the outcome."""
    return _send_all(Mail.objects.due(timezone.now()).select_related("person"))


def _send_all(mails):
    """Over one connection."""
    outcome, connection = Outcome(), get_connection()
    try:
        for mail in mails:
            if not _send(mail, connection, outcome):
                break
    finally:
        connection.close()
    return outcome


def try_again():
    """Begin anew with those that were given up in vain. Returns how many."""
    given_up = Mail.objects.filter(given_up_at__isnull=False, tries__gte=TRIES)
    return given_up.update(given_up_at=None, tries=0, next_try_at=timezone.now())


def forget_old(now):
    """Remove what went, or was given up, long ago. Returns how many."""
    over = Mail.objects.filter(Q(sent_at__lt=now - KEPT) | Q(given_up_at__lt=now - KEPT))
    return over.delete()[0]


def _send(mail, connection, outcome):
    """Try one mail, if nobody else does at this moment. Says whether it makes sense to go on."""
    if not _take(mail):
        return True
    if why := _not_wanted(mail):
        _close(mail, given_up_at=timezone.now(), last_problem=why)
        return True
    try:
        connection.open()
        connection.send_messages([_message(mail)])
    except Exception as problem:  # whatever it is stands in the mail's row and the log, and is tried again
        connection.close()
        _failed(mail, problem, outcome)
        return isinstance(problem, OF_THIS_MAIL)
    _close(mail, sent_at=timezone.now(), last_problem="")
    outcome.sent += 1
    return True


def _take(mail):
    """By condition: of several who send at once one gets it. Until the next try is due it is theirs, so
    that a mail whose sender was killed is not lost, and no lock is held while the network is slow."""
    wait = BACKOFF[min(mail.tries, TRIES - 1)]
    next_try = timezone.now() + datetime.timedelta(minutes=wait)
    untouched = Mail.objects.waiting().filter(pk=mail.pk, tries=mail.tries, next_try_at=mail.next_try_at)
    return untouched.update(tries=F("tries") + 1, next_try_at=next_try) == 1


def _not_wanted(mail):
    person = mail.person
    if not person.is_active or not person.email:
        return "The person has no address any more, or the account is disabled."
    if mail.kind in {Mail.Kind.DIGEST, Mail.Kind.DESK} and timezone.localdate(mail.made_at) < today():
        return "Its counts are of a former day."
    return ""


def _message(mail):
    """The same number each time, so that a mail program shows once what came twice."""
    host = settings.SITE_URL.partition("://")[2].partition(":")[0]
    return EmailMessage(
        mail.subject,
        mail.text,
        to=[mail.person.email],
        headers={"Message-ID": f"<mail-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )


def _failed(mail, problem, outcome):
    """The log says what kind of problem it was; the rest may name somebody, and stays beside the mail."""
    said = f"{type(problem).__name__}: {problem}"[:400]
    if mail.tries + 1 < TRIES:
        log.warning("Mail %s was not sent, and will be tried again: %s.", mail.pk, type(problem).__name__)
        _close(mail, last_problem=said)
        return
    _close(mail, given_up_at=timezone.now(), last_problem=said)
    outcome.given_up += 1
    log.critical("MAIL GIVEN UP: mail %s, after %s tries: %s.", mail.pk, TRIES, type(problem).__name__)


def _close(mail, **changes):
    Mail.objects.filter(pk=mail.pk).update(**changes)
