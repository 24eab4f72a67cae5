from fastapi import Response
from pydantic import BaseModel

class UpscaleInput(BaseModel):
    image_b64: str
class UpscaleResult(BaseModel):
    image_b64: str

async def load_pipeline(self): ...
async def close_pipeline(self): ...
async def generate(self, params): return Response(content=b"...", media_type="image/jpeg")
async def upscale(self, args: UpscaleInput) -> UpscaleResult: ...
