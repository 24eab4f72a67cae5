"""A FastAPI application: it listens where `server.port` in chute.yaml says."""

import asyncio

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

app = FastAPI()


class Hello(BaseModel):
    name: str = Field(max_length=64)


class Count(BaseModel):
    n: int = Field(3, ge=1, le=100)
    delay_ms: int = Field(100, ge=0, le=1000)


@app.exception_handler(RequestValidationError)
async def refuse(request, problem):
    """400 as other chutes answer; FastAPI's own 422 would do as well."""
    return JSONResponse({"detail": "Invalid input parameters"}, 400)


@app.get("/healthz")
async def healthz():
    return {"ok": True}


@app.post("/hello")
async def hello(body: Hello):
    return {"message": f"hello, {body.name}"}


@app.post("/count")
async def count(body: Count):
    async def events():
        for number in range(1, body.n + 1):
            if number > 1:
                await asyncio.sleep(body.delay_ms / 1000)
            yield f"data: {number}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
