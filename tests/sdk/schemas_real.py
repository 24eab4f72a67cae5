# SPDX-License-Identifier: MIT
"""What modules register under the platform's own SDK, and what their classes take.

    python -I schemas_real.py FILE…    one line of JSON for each: {"cords": […]} or {"error": …}

A FILE may lie beside FILE.bodies, a JSON list with a list of request bodies for each cord; then
each cord also tells which of them its class takes ("taken") and which its schema ("valid").
"""

import inspect
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import load_real


def closure(function, name):
    return inspect.getclosurevars(function).nonlocals[name]


def is_taken(model, body):
    from pydantic import ValidationError

    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


def judge(registered, bodies):
    import jsonschema

    model = closure(closure(registered._func, "read"), "model")
    validator = jsonschema.Draft202012Validator(registered.input_schema)
    return {
        "taken": [is_taken(model, body) for body in bodies],
        "valid": [validator.is_valid({"input_args": body}) for body in bodies],
    }


def describe(path):
    _, chute = load_real.load(path, "chute")
    cords = [load_real.cord(registered) for registered in chute._cords]
    bodies = path.with_suffix(".bodies")
    if bodies.exists():
        for cord, registered, tried in zip(
            cords, chute._cords, json.loads(bodies.read_text()), strict=True
        ):
            cord.update(judge(registered, tried))
    return {"cords": cords}


def answer(name, result):
    try:
        text = json.dumps(describe(pathlib.Path(name).resolve()), default=str)
    except Exception as error:  # it is the answer
        text = json.dumps({"error": f"{type(error).__name__}: {error}"})
    print(text, file=result, flush=True)


def main():
    import chutes.chute  # noqa: F401 once for all

    result = sys.stdout
    sys.stdout = sys.stderr
    for name in sys.argv[1:]:
        # a process for each: typing gives out an equal Union that another module has made
        child = os.fork()
        if child == 0:
            answer(name, result)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
