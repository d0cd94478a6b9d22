"""How a class that votes at once delays the slides: `python tests/benchmarks/bench_polls.py`.

300 phones, in a process of their own, open the page, vote, change their vote and ask for news, within a few
seconds. Meanwhile an event loop such as the app's asks every 5 ms how late it is: a key would wait as long.
"""

from __future__ import annotations

import asyncio
import ipaddress
import statistics
import sys
import time

from labs.course.walkthrough import Option
from tui.web.ballot import Question
from tui.web.polling import PollPage

PHONES = 300
ASKED = Question(1, "two sides", "May bob read?", (Option("A", "No."), Option("B", "Yes.")))


async def phones(origin: str) -> None:
    """All phones of a class, each with a few seconds of its own."""
    from aiohttp import ClientSession, CookieJar

    async def phone(number: int) -> None:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            await asyncio.sleep(number / 100)
            async with session.get(origin) as page:
                await page.read()
            for letter in ("A", "B"):
                data = {"slide": "1", "choice": letter}
                async with session.post(origin, data=data, headers={"Origin": origin}) as answer:
                    await answer.read()
                await asyncio.sleep(0.5)
                async with session.get(f"{origin}/state") as state:
                    await state.read()

    began = time.perf_counter()
    await asyncio.gather(*map(phone, range(PHONES)))
    print(f"{PHONES} phones, {7 * PHONES} requests in {time.perf_counter() - began:.1f} s", flush=True)


async def lateness(process: asyncio.subprocess.Process) -> list[float]:
    """By how many milliseconds a short sleep is late, again and again until the phones are done."""
    late: list[float] = []
    ended = asyncio.ensure_future(process.wait())
    while not ended.done():
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        late.append(1000 * (time.perf_counter() - began) - 5)
    return sorted(late)


async def measure() -> None:
    page = PollPage(ipaddress.ip_address("127.0.0.1"), 0)
    page.ballot.ask(ASKED)
    page.start()
    try:
        process = await asyncio.create_subprocess_exec(sys.executable, __file__, page.door.origin)
        late = await lateness(process)
    finally:
        page.close()
    print(f"votes: {dict(page.ballot.counts(1))}")
    print(
        f"a key would have waited {statistics.median(late):.1f} ms, "
        f"99 of 100 at most {late[len(late) * 99 // 100]:.1f} ms, at worst {late[-1]:.1f} ms"
    )


if __name__ == "__main__":
    asyncio.run(phones(sys.argv[1]) if len(sys.argv) > 1 else measure())
