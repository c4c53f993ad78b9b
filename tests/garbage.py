"""What a terminal may send beside keys: pastes, the mouse, and sequences that are none."""

from __future__ import annotations

from random import Random

LETTERS = "\x1b\x1b\x1b[[[<>?;;:0123456789999MmtuRABCDcn~IO$y \r\x00\x7f\u0663\udc9b"
BROKEN = (
    *("\x1b[48;24;80;0;0t", "\x1b[48;0;0;0;0t", "\x1b[48;24;80t", "\x1b[48;30;100;1;1t"),
    *("\x1b[97;1:3u", "\x1b[1114112u", "\x1b[55296u", "\x1b[97;;55296u", "\x1b[;;u"),
    *(
        "\x1b[?2048;1$y",
        "\x1b[?2026;2$y",
        "\x1b[?64;1;2c",
        "\x1b[999;999R",
        "\x1b[M   ",
        "\x1b[<;;M",
    ),
    *("\x1b[I", "\x1b[O", "\x1b]11;rgb:0/0/0\x07", "\x1bP1$r0m\x1b\\", "\x1b[200~", "\x1b[201~"),
    *(f"\x1b[{'9' * 18}{final}" for final in "utRMmA~"),
    *(f"\x1b[48;{'9' * 18};80;1;1t", f"\x1b[<0;{'9' * 18};{'9' * 18}M", "\x1b[" + ";" * 60),
)
"""Sequences that have ended some program or other."""


def malformed(chance: Random) -> str:
    """One of those, or a random one."""
    if chance.random() < 0.4:
        return chance.choice(BROKEN)
    return "\x1b[" + "".join(chance.choices(LETTERS, k=chance.randrange(1, 30)))


def mouse(chance: Random) -> str:
    """A button, the wheel or a move, on the screen or off it."""
    button = chance.choice((0, 1, 2, 3, 32, 35, 64, 65, 66, 67, 4, 8, 16, 255))
    x, y = (chance.choice((chance.randrange(1, 130), 0, -3, 5_000)) for _ in range(2))
    return f"\x1b[<{button};{x};{y}{chance.choice('Mm')}"


def paste(chance: Random) -> str:
    """Some lines of text, with brackets around them or, as by some terminals, without."""
    text = "".join(
        chance.choices("abc xyz/.,=()\r\n\t\u00e9\u540d", k=chance.randrange(130, 3_000))
    )
    return f"\x1b[200~{text}\x1b[201~" if chance.random() < 0.7 else text
