"""What the Rasa that runs this makes of archives: it loads each as `rasa run` does, and says "hello" and "/greet" to it.

usage: judge.py < ARCHIVES   one path a line; prints one JSON object a line, in the same order.
"""

import asyncio
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any, Dict

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1", TF_CPP_MIN_LOG_LEVEL="3")
sys.path.insert(0, str(Path(__file__).parent))

import structlog  # noqa: E402

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))

from rasa.core.agent import Agent  # noqa: E402


def problem(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]


async def judge(archive: str) -> Dict[str, Any]:
    agent = Agent()
    try:
        agent.load_model(archive)
    except BaseException as error:
        return {"load": problem(error)}
    if not agent.is_ready():
        return {"load": "not ready"}
    found: Dict[str, Any] = {}
    try:
        found["intent"] = (await agent.parse_message("hello"))["intent"].get("name")
    except BaseException as error:
        found["parse"] = problem(error)
    for key, words in (("reply", "hello"), ("command", "/greet")):
        try:
            found[key] = [message.get("text") for message in await agent.handle_text(words, sender_id=key) or []]
        except BaseException as error:
            found[key] = problem(error)
    return found


async def main() -> None:
    for line in sys.stdin:
        print(json.dumps(await judge(line.strip())), flush=True)


asyncio.run(main())
