"""What a password may not be made of, and passwords that are made for somebody."""

import re
import secrets

from django.core.exceptions import ValidationError

# What people of these agencies think of first, and what every list of stolen passwords is full of.
WORDS = re.findall(
    r"\w+",
    """
    password passwort passphrase passcode secret welcome letmein login signin changeme default admin
    administrator user test sample temporary temp please open access computer internet office
    ips cans placement stabilization stabilisation intensive foster family families child children youth
    agency dcfs illinois chicago springfield rockford peoria county state praed foundation clinician
    supervisor coordinator caseworker worker caregiver assessment counseling services service home
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday spring summer autumn fall winter
    correct horse battery staple iloveyou love trustno sunshine princess football baseball basketball
    monkey dragon master superman batman shadow michael jordan jesus bears cubs bulls blackhawks
    qwerty asdf zxcv the and for you our with
""",
)
ROWS = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
]
LOOKS_LIKE = str.maketrans("@$!013457", "asioleast")
LEFT = 8  # characters that must be one's own, after all that anybody would try is taken away

# Without letters that are mistaken for others, and without vowels, so that no word comes of it.
LETTERS = "bcdfghjkmnpqrstvwxz"


class OwnWordsValidator:
    """At least eight characters that are neither such words nor sequences nor repetitions."""

    def validate(self, password, user=None):
        if min(_left(text, _words(user)) for text in _readings(password)) < LEFT:
            raise ValidationError(
                "This password is mostly words that are tried first, a sequence or a repetition. "
                "Choose four or more words that have nothing to do with your work or with each other.",
                code="password_too_guessable",
            )

    def get_help_text(self):
        return "Not mostly the agency's or the program's words, sequences or repetitions."


def new_password():
    """A password to hand over once: 20 letters at random, in fives.

    No letter comes twice in a half: letters drawn one by one are, once in some ten thousand times,
    so few different ones that the rule above would refuse them.
    """
    draw = secrets.SystemRandom().sample
    letters = "".join(draw(LETTERS, 10) + draw(LETTERS, 10))
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def _words(user):
    own = f"{user.name} {user.username} {user.email} {user.agency or ''}" if user else ""
    return sorted({*WORDS, *_plain_words(own)}, key=len, reverse=True)


def _plain_words(text):
    return [word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 2]


def _readings(password):
    """As it was typed, and with figures read as the letters they look like."""
    lowered = password.lower()
    return [re.sub(r"[\W_]+", "", text) for text in (lowered, lowered.translate(LOOKS_LIKE))]


def _left(text, words):
    for word in words:
        text = text.replace(word, " ")
    text = re.sub(r"(19|20)\d\d", " ", text)
    text = _without_sequences(text)
    text = re.sub(r"(.+?)\1+", r"\1", text)
    return len(set(text) - {" "}) if len(set(text)) < LEFT else len(text.replace(" ", ""))


def _without_sequences(text):
    """Four and more neighbours of the alphabet or of a keyboard's row, in either direction."""
    for row in ROWS:
        for way in (row, row[::-1]):
            for length in range(len(way), 3, -1):
                for start in range(len(way) - length + 1):
                    text = text.replace(way[start : start + length], " ")
    return text
