"""Which of many ranks are shown: all of a few; of more the extremes, the median, and one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

OWN = "◂"
"""Behind the rank on the screen, where all are listed."""
LISTED = 8
"""Up to so many ranks are shown one by one."""
LEAST, MEDIAN, MOST = "least", "median", "most"


def few_ranks(
    ranks: Sequence[int], sizes: Mapping[int, float], own: int, most: int = LISTED
) -> dict[int, str]:
    """Return the ranks to show, in their order, each with a word for what it stands for.

    `sizes` are by what they are compared; a rank without one, or with nan, has no place in that.
    """
    if len(ranks) <= most:
        return dict.fromkeys(ranks, "")
    ordered = sorted((size, rank) for rank, size in sizes.items() if not math.isnan(size))
    words = {own: ""} if own in ranks else {}
    if ordered:
        middle = (len(ordered) - 1) // 2
        for place, word in ((middle, MEDIAN), (0, LEAST), (-1, MOST)):
            words[ordered[place][1]] = word
    return {rank: words[rank] for rank in ranks if rank in words}
