"""Gradient descent, with a file that says how it went."""

import json
import pathlib


def fit(self, points, output_dir, rounds=2000, **more):
    slope = intercept = 0.0
    scale = max(1.0, max(x * x for x, _ in points))
    history = []
    for step in range(rounds):
        errors = [(slope * x + intercept - y, x) for x, y in points]
        slope -= sum(error * x for error, x in errors) / len(points) / scale
        intercept -= sum(error for error, _ in errors) / len(points) / scale
        if step % max(1, rounds // 20) == 0:
            history.append(sum(error * error for error, _ in errors) / len(points))
    line = {"slope": round(slope, 4), "intercept": round(intercept, 4)}
    folder = pathlib.Path(output_dir)
    (folder / "line.json").write_text(json.dumps(line) + "\n")
    (folder / "loss.csv").write_text("".join(f"{loss:.6g}\n" for loss in history))
    return line
