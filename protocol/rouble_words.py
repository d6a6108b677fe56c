# SPDX-License-Identifier: LGPL-3.0-only
"""An amount in roubles as form 0401060 wants it written: in words and in figures."""

from num2words import num2words

_ROUBLES = ("рубль", "рубля", "рублей")
_KOPECKS = ("копейка", "копейки", "копеек")


def in_words(amount):
    """Box 6. Decimal with two places -> "Одна тысяча двести один рубль 05 копеек"."""
    roubles, kopecks = _parts(amount)
    words = num2words(roubles, lang="ru")
    text = f"{words[0].upper()}{words[1:]} {_form(roubles, _ROUBLES)}"
    return f"{text} {kopecks:02d} {_form(kopecks, _KOPECKS)}"


def in_figures(amount):
    """Box 7. "1201-05", and "1201=" where there are no kopecks."""
    roubles, kopecks = _parts(amount)
    return f"{roubles}-{kopecks:02d}" if kopecks else f"{roubles}="


def _parts(amount):
    return divmod(int(amount * 100), 100)


def _form(number, forms):
    """The Russian form of a counted noun: 1 рубль, 2 рубля, 5 рублей, 11 рублей."""
    if number % 100 in (11, 12, 13, 14):
        return forms[2]
    return forms[{1: 0, 2: 1, 3: 1, 4: 1}.get(number % 10, 2)]
