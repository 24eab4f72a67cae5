# SPDX-License-Identifier: MIT
# Models that are fetched into the cache before anything else runs, beside the loop that answers
# whether the chute is alive.
import asyncio


def fetching(models):
    async def fetch_models(self):
        from huggingface_hub import snapshot_download

        for options in models:
            print(f"fetching {options['repo_id']}", flush=True)
            await asyncio.to_thread(snapshot_download, **options)

    return fetch_models
