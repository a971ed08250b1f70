"""Inflected forms: those of the dictionary, read quicker than it reads itself."""

import gzip

import pytest

from coding.taggers.rules.forms import forms


def test_the_forms_are_those_of_lemminflect():
    from lemminflect import config, getAllInflections

    with gzip.open(config.inflection_lu_fn, "rt", encoding="utf-8") as file:
        words = [*sorted({line.split(",")[0].lower() for line in file})[::7], "be", "can", "will"]
    missing, more = [], 0
    for word in words:
        theirs = {form.lower() for found in getAllInflections(word).values() for form in found}
        theirs |= {f.lower() for found in getAllInflections(word, "PROPN").values() for f in found}
        missing += [(word, form) for form in theirs - forms(word, "en")]
        more += len(forms(word, "en") - theirs - {word}) > 0
    assert missing == []
    assert more < len(words) / 100  # where the file of overrides replaces a form, both count here


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("send", {"send", "sends", "sent", "sending"}),
        ("sent", {"sent", "sents"}),
        ("is", {"is"}),
        ("be", {"be", "am", "are", "is", "was", "were", "being", "been"}),
        ("may", {"may", "might"}),
        ("cyberattack", {"cyberattack", "cyberattacks"}),
        ("agency", {"agency", "agencies"}),
        ("not", {"not", "n't"}),
    ],
)
def test_a_word_stands_for_these(word, found):
    assert forms(word, "en") == found
