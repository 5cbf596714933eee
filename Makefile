# Vouch: set-up, checks and figures. `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# Python 3.11 or newer; nothing is written outside .venv and VOUCH_HOME.
PYTHON ?= python3
# Q: with it `make run` answers in the terminal and ends; without it opens the chat page.
Q ?=
export QUESTION := $(or $(value Q),When does the self-check happen?)
# GPU=1: llama.cpp built with CUDA and FAISS for the GPU; needs the CUDA toolkit (nvcc).
GPU ?=
# TORCH_INDEX: an index to take torch from. Empty: where the other packages come from. On Linux the
# public index's torch carries CUDA (3 GB); TORCH_INDEX=https://download.pytorch.org/whl/cpu is small.
TORCH_INDEX ?=
# LEARN=1: also what training a language model needs (the extra "learn").
LEARN ?=
# JOBS: how many files of tests run side by side.
JOBS ?= 2
UV_VERSION ?= 0.13.8

BIN := .venv/bin
UV := VIRTUAL_ENV=$(CURDIR)/.venv requirements/uv.sh
VOUCH := $(BIN)/vouch
KIND := $(if $(GPU),gpu,run)

# What the bindings do not load is not built: no image library (llava, mtmd), no code of llama.cpp's
# command-line programs (app/native/lean.cmake). One option is one string, parted by semicolons; uv
# keeps one built wheel for each such string, so the CPU and the CUDA build do not mix.
LEAN := -DLLAVA_BUILD=OFF;-DCMAKE_PROJECT_llama.cpp_INCLUDE=$(CURDIR)/app/native/lean.cmake
CUDA := $(if $(GPU),;-DGGML_CUDA=on)
BUILD := --config-settings-package "llama-cpp-python:cmake.args=$(LEAN)$(CUDA)"

.PHONY: help run setup test coverage check bench prove docs picture lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-9s %s\n' "$$name" "$$text"; done
	@echo 'Variables: Q="a question"  GPU=1  LEARN=1  PYTHON=python3.12  TORCH_INDEX=<index for torch>'

run: setup ## Set up, build a library from docs/, and open the chat page (Q="...": answer here)
	@$(VOUCH) models prepare
	@$(VOUCH) add docs/*.md
	@if [ -z "$(if $(value Q),q)" ] && [ -t 1 ]; then exec $(VOUCH) chat; fi; \
	$(VOUCH) ask "$$QUESTION" && \
	printf '\n%s\n' 'And then, with the vouch command in this shell:  . .venv/bin/activate' && \
	printf '  %s\n' 'vouch add ~/Documents       your own files: txt, md, html, pdf' \
		'vouch ask "your question"   warm now: nothing is loaded again' \
		'vouch chat                  the chat page, in your browser' \
		'vouch doctor                models, speed, GPU, library, and what mends a fault'

setup: .venv/.$(KIND) $(if $(LEARN),.venv/.learn) ## Install only what running needs into .venv

test: check ## Set up what the tests need, check the code and run the tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m 'not prove' --durations=12

coverage: .venv/.test ## The tests again, with the share of lines that they run (slower)
	@$(BIN)/python -m pytest -m 'not prove' --cov --cov-report=term:skip-covered

check: .venv/.test ## ruff, mypy and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: .venv/.test ## Measure everything and write docs/benchmarks.md
	@$(BIN)/python tests/bench/all.py

prove: .venv/.test ## The full counts of the proofs: kills, storms, corruptions
	@$(BIN)/python -m pytest -m 'prove or hypothesis' --hypothesis-profile=full

docs: .venv/.$(KIND) ## Write the pages of docs/ that come from the code
	@$(BIN)/python -m ui.reference | $(BIN)/python -m app.reference docs --commands

picture: .venv/.$(KIND) ## Draw docs/answer.svg from a real run
	@$(VOUCH) add docs 2>/dev/null >&2
	@{ printf '$$ vouch ask "%s"\n\n' "$$QUESTION"; FORCE_COLOR=1 COLUMNS=100 $(VOUCH) ask "$$QUESTION" 2>&1; } | \
		sed 's|$(CURDIR)/||g' | $(BIN)/python -m ui.picture - -o docs/answer.svg --title vouch --width 116

clean: ## Remove .venv and the caches; VOUCH_HOME stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage .coverage.*

lock: $(BIN)/uv ## Choose new versions for requirements/*.txt
	@for kind in run gpu test; do \
		case $$kind in run) extras='--extra cpu';; gpu) extras='--extra gpu -c requirements/run.txt';; \
			test) extras='--extra cpu --extra test -c requirements/run.txt';; esac; \
		$(UV) pip compile -q pyproject.toml $$extras --python-version 3.11 --no-annotate --no-header \
			--no-emit-index-url --no-emit-find-links --upgrade | \
			sed -e 's/+cpu$$//' -e '/^-/d' > requirements/$$kind.new && \
		mv requirements/$$kind.new requirements/$$kind.txt || exit 1; done

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Vouch needs Python 3.11 or newer: make run PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ echo 'This Python cannot make a venv: on Debian or Ubuntu, apt install python3-venv'; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check "uv==$(UV_VERSION)"

# .run and .gpu stand for the two kinds of set-up; making one undoes the other.
OTHER := $(if $(GPU),run,gpu)
.venv/.run .venv/.gpu: .venv/.%: requirements/%.txt pyproject.toml app/native/lean.cmake | $(BIN)/uv
	@echo 'Setting up .venv: downloads (some 600 MB; see TORCH_INDEX), then llama.cpp is compiled, 1 to 5 minutes.'
	@if [ -e .venv/.$(OTHER) ]; then \
		$(UV) pip uninstall -q llama-cpp-python faiss-cpu faiss-gpu-cu12; rm -f .venv/.$(OTHER) .venv/.test; fi
	@$(if $(TORCH_INDEX),$(UV) pip install -q --no-deps --default-index $(TORCH_INDEX) \
		"$$(grep '^torch==' requirements/$*.txt)")
	@$(UV) pip install -q $(BUILD) -r requirements/$*.txt
	@$(UV) pip install -q --no-deps -e .
	@touch $@

.venv/.learn: requirements/test.txt pyproject.toml .venv/.$(KIND)
	@$(UV) pip install -q -c requirements/test.txt -e '.[learn]'
	@touch $@

.venv/.test: requirements/test.txt .venv/.$(KIND)
	@echo 'Adding what the tests need.'
	@grep -v '^faiss-' requirements/test.txt | $(UV) pip install -q $(BUILD) -r -
	@touch $@
