#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: sh tests/bench/validate.sh [PROGRAM]
# What it costs to check a spec of 200 lines: `chutes validate` beside PyYAML with jsonschema and our
# own schema, which look at less, and `git --version`, which is what starting a program costs. In
# microseconds and in instructions. The goal is 5 ms. PYTHON names an interpreter with both packages.
set -eu
cd "$(dirname "$0")/../.."
chutes=$(realpath "${1:-build/cli/chutes}")
rounds=${ROUNDS:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. tests/bench/instructions.sh
cc -O2 -D_GNU_SOURCE -o "$work/spawn" tests/bench/spawn.c

# 200 lines as people write them: an image with steps, and cords with typed fields
{
	cat <<'SPEC'
version: 1
name: bench
tagline: A spec of two hundred lines
handlers:
  file: app.py
  startup: [{call: load, priority: 20}]
image:
  name: bench
  base: {debian: bookworm}
  steps:
    - user: root
    - apt: [git, ffmpeg]
    - pip: ["fastapi>=0.110,<1", "uvicorn>=0.29,<1"]
    - run: python3 -m compileall /app
    - env: {LANG: C.UTF-8, HF_HUB_ENABLE_HF_TRANSFER: "1"}
    - add: {source: app.py, dest: /app/app.py}
    - user: chutes
node_selector:
  gpu_count: 1
  min_vram_gb_per_gpu: 24
  exclude: [b200]
scaling: {concurrency: 8, max_instances: 2, scaling_threshold: 0.75}
env: {LOG_LEVEL: info, CACHE: /cache}
secrets: [HF_TOKEN]
cords:
SPEC
	for i in $(seq 16); do
		cat <<SPEC
  - function: f$i
    public: POST /v1/f$i
    stream: false
    input:
      prompt: {type: string, required: true, max_length: 4000, description: what is made}
      height: {type: integer, default: 1024, ge: 128, le: 2048}
      width: {type: integer, default: 1024, ge: 128, le: 2048}
      guidance: {type: number, default: 7.5, ge: 1, le: 20}
      seed: {type: integer, nullable: true, ge: 0, le: 4294967295}
    output: {content_type: image/jpeg}
    example: {prompt: a red bicycle, height: 512}
SPEC
	done
} >"$work/chute.yaml"
{
	echo 'def load(self): pass'
	for i in $(seq 16); do echo "def f$i(self, args): return args"; done
} >"$work/app.py"
cat >"$work/rival.py" <<'PYTHON'
import json, sys, yaml, jsonschema
loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
schema = json.load(open(sys.argv[1]))
document = yaml.load(open(sys.argv[2]), Loader=loader)
jsonschema.Draft7Validator(schema).validate(document)
PYTHON
"$chutes" schema -o "$work/schema.json"
"$chutes" validate --strict -q "$work/chute.yaml"
lines=$(wc -l <"$work/chute.yaml")
python=${PYTHON:-python3}
rival=
"$python" -c 'import yaml, jsonschema' 2>/dev/null && rival=yes

"$work/spawn" "$rounds" git --version -- "$chutes" validate -q "$work/chute.yaml" >"$work/times"
{
	read -r git
	read -r ours
} <"$work/times"
i_git=$(instructions git --version)
i_ours=$(instructions "$chutes" validate -q "$work/chute.yaml")
theirs=0 i_theirs=0
if [ -n "$rival" ]; then
	# in the same run, in turns with ours; fewer rounds, as it is slower by far
	"$work/spawn" 20 "$python" "$work/rival.py" "$work/schema.json" "$work/chute.yaml" -- \
		"$chutes" validate -q "$work/chute.yaml" >"$work/times"
	read -r theirs <"$work/times"
	i_theirs=$(instructions "$python" "$work/rival.py" "$work/schema.json" "$work/chute.yaml")
fi

awk -v g="$git" -v o="$ours" -v t="$theirs" -v ig="${i_git:-0}" -v io="${i_ours:-0}" \
	-v it="${i_theirs:-0}" -v rounds="$rounds" -v lines="$lines" '
function row(name, time, count)
{
	if (time)
		printf "%-22s %9.0f %14s %10.2f %10s\n", name, time, count ? count : "-",
			time / o, io ? sprintf("%.2f", count / io) : "-"
}
BEGIN {
	printf "%-22s %9s %14s %10s %10s\n", lines " lines, " rounds " times", "us",
		"instructions", "of ours", "instr"
	row("git --version", g, ig)
	row("chutes validate", o, io)
	row("PyYAML + jsonschema", t, it)
	exit io > 25e6 # about 5 ms; a count holds on a busy machine, too
}'
