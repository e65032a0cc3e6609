# `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help demo test check serve soak bench lock clean .run .dev
MAKEFLAGS += --no-print-directory
export PYTHON FILE FROM TO OUT

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .run ## Install what is missing, models too, and translate a real recording; or yours: make demo FILE=talk.mp3 TO=es,fr
	@scripts/demo.sh

test: check ## Install what is missing, then run the checks and all tests
	@.venv/bin/pytest --numprocesses auto

check: .dev ## Format, lint, types and layers, in under a minute
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

serve: .run ## Install what is missing and serve live translation on port 8090; DRAGOMAN_… settings apply
	@.venv/bin/dragoman serve

soak: .dev ## Thousands of random lives of a server in virtual time, and jobs while all is killed (half an hour); DRAGOMAN_LIVES=N says how many lives
	@.venv/bin/pytest --numprocesses auto -m soak

bench: .dev ## Run all benchmarks (three hours, on a quiet machine) and write docs/benchmarks.md from them
	@.venv/bin/python bench/quality_asr.py
	@.venv/bin/python bench/quality_mt.py
	@.venv/bin/python bench/quality_speech_translation.py
	@.venv/bin/python bench/quality_tts.py
	@.venv/bin/python bench/batch_speed.py --minutes 30
	@.venv/bin/python bench/batch_speed.py --minutes 180 --no-peer
	@.venv/bin/python bench/latency_live.py
	@npm install --no-save --no-package-lock --no-audit --no-fund --prefix . socket.io-client@4 socket.io@4
	@.venv/bin/python bench/live_face.py
	@.venv/bin/python bench/live_beside_batch.py
	@.venv/bin/python bench/quality_delay.py
	@.venv/bin/python bench/realtime_delay.py
	@.venv/bin/python bench/realtime_delay.py --minutes 10
	@.venv/bin/python bench/job_speed.py
	@.venv/bin/python bench/jobs.py
	@.venv/bin/python bench/jobs_memory.py
	@.venv/bin/python bench/gateway.py
	@.venv/bin/python bench/ledger.py
	@.venv/bin/python bench/report.py

lock: ## Write requirements/*.txt from pyproject.toml (needs uv); make lock UPGRADE=--upgrade renews every pin
	@scripts/lock.sh $(UPGRADE)

clean: ## Remove what the other targets made, .venv too
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist out

.run:
	@scripts/setup.sh run

.dev:
	@scripts/setup.sh dev
