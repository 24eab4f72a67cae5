"""Plain functions, no SDK needed: `self` is the chute, `params` the checked body."""

import asyncio


async def hello(self, params):
    return {"message": f"hello, {params.name}"}


async def count(self, params):
    for number in range(1, params.n + 1):
        if number > 1:
            await asyncio.sleep(params.delay_ms / 1000)
        yield f"data: {number}\n\n"
