"""`python -m zegel_demo [STORY]`: tell a story, for real, in a folder that is thrown away afterwards."""

import asyncio
import sys
import tempfile
from pathlib import Path

from zegel_demo.stories import alarm, consultation, referral, separated_parents
from zegel_demo.telling import Teller

STORIES = {
    "referral": referral.tell,
    "alarm": alarm.tell,
    "consultation": consultation.tell,
    "separated-parents": separated_parents.tell,
}


def main() -> int:
    """Tell the story that is named, or the first; return the exit status."""
    name = sys.argv[1] if len(sys.argv) > 1 else "referral"
    if name not in STORIES:
        print(f"There is no story called {name}. Choose one of: {', '.join(sorted(STORIES))}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="zegel-demo-") as folder:
        asyncio.run(STORIES[name](Path(folder), Teller()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
