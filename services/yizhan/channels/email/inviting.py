"""The mail that asks for a rating: a link for each grade, or a digit to be mailed back. Pure."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.channels.email.rating_words import Words, words_of
from yizhan.core.messages.content import Menu, MenuOption

_CELL = "display:block;padding:10px 16px;border:1px solid #d0d7de;border-radius:8px;color:#1f2328;text-decoration:none"


@dataclass(frozen=True, slots=True)
class Invitation:
    """The words, and the same as a page."""

    text: str
    page: str


def invitation(menu: Menu, language: str, url: str, signature: str = "") -> Invitation:
    """``url``: of the rating's page, empty where browsers cannot reach us."""
    words = words_of(language)
    best_first = tuple(reversed(menu.options))
    after = (words.links, words.digit_too, words.automatic) if url else (words.digit_only, words.automatic)
    return Invitation(
        _text(menu.prompt, best_first, url, after, signature),
        _page(menu.prompt, best_first, url, after, signature, words),
    )


def grade_url(url: str, option: MenuOption) -> str:
    return f"{url}?grade={option.id}"


def _text(prompt: str, options: Sequence[MenuOption], url: str, after: Sequence[str], signature: str) -> str:
    grades = (
        f"{_stars(option)} {option.label}\n{grade_url(url, option)}" if url else f"{option.id}  {option.label}"
        for option in options
    )
    body = "\n\n".join([prompt, ("\n\n" if url else "\n").join(grades), "\n".join(after)])
    return f"{body}\n\n-- \n{signature}" if signature else body


def _page(
    prompt: str, options: Sequence[MenuOption], url: str, after: Sequence[str], signature: str, words: Words
) -> str:
    rows = "".join(f'<tr><td style="padding:4px 0">{_grade(option, url)}</td></tr>\n' for option in options)
    small = "<br>\n".join(html.escape(line) for line in after)
    signed = f"<p>-- <br>\n{_lines(signature)}</p>\n" if signature else ""
    said = "".join(f"<p>{_lines(part)}</p>\n" for part in prompt.split("\n\n"))
    return (
        f'<!DOCTYPE html>\n<html lang="{words.html_lang}"><body>\n{said}'
        f'<table role="presentation" cellspacing="0" cellpadding="0">\n{rows}</table>\n'
        f'<p style="color:#59636e;font-size:13px">{small}</p>\n{signed}</body></html>\n'
    )


def _grade(option: MenuOption, url: str) -> str:
    shown = f"{_stars(option)}&nbsp; {html.escape(option.label)}"
    if not url:
        return f"<b>{html.escape(option.id)}</b>&nbsp; {shown}"
    return f'<a href="{html.escape(grade_url(url, option))}" style="{_CELL}">{shown}</a>'


def _stars(option: MenuOption) -> str:
    count = int(option.id) if option.id in {"1", "2", "3", "4", "5"} else 0
    return "★" * count + "☆" * (5 - count)


def _lines(text: str) -> str:
    return "<br>\n".join(html.escape(line) for line in text.split("\n"))
