# SPDX-License-Identifier: BSD-3-Clause
import asyncio
import sys

import aiohttp


async def get():
    async with aiohttp.ClientSession() as session, session.get(sys.argv[1], ssl=False) as answer:
        print(await answer.text())


asyncio.run(get())
