# Two commands for a newcomer: `make run` opens the app, `make test` tests it.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
IN := $(VENV)/bin

.PHONY: run test bench space install browser lint clean

run: install ## open the app on http://localhost:8501
	@$(IN)/streamlit run app.py --server.port $(PORT) || (status=$$?; \
	echo "The app has ended. If port $(PORT) is taken, choose another one: make run PORT=8600" >&2; exit $$status)

test: $(VENV)/tests-installed browser ## check style, then run every test, in two processes
	$(IN)/ruff check . && $(IN)/ruff format --check .
	$(IN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/tests-installed browser ## measure what docs/speed.md says, side by side, in half an hour; KERAS=1 with Keras
	$(if $(KERAS),$(IN)/pip install -r requirements-bench.txt)
	$(IN)/python -m bench
	$(IN)/python -m bench.quality
	$(IN)/python -m bench.save_cost
	$(IN)/python -m bench.explorer
	$(IN)/python -m bench.open_history

space: ## put into build/space what a Hugging Face Space consists of (docs/space.md)
	@space/build.sh

install: $(VENV)/installed

# TORCH_INDEX names an index to take torch and torchvision from, for who wants the small CPU wheels.
$(VENV)/installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(IN)/pip install --index-url $(TORCH_INDEX) torch torchvision)
	$(IN)/pip install -r requirements.txt
	$(IN)/python -m ui.components.chart
	touch $@

$(VENV)/tests-installed: $(VENV)/installed requirements-test.txt
	$(IN)/pip install -r requirements-test.txt
	touch $@

browser: $(VENV)/tests-installed ## Chromium: the system's, or Debian's package, or Playwright's own
	@$(IN)/python -m bench.chromium || (command -v apt-get > /dev/null && tests/install-chromium.sh) || $(IN)/playwright install --with-deps chromium
	@$(IN)/python -m bench.chromium

lint: $(VENV)/tests-installed ## mend what ruff can mend
	$(IN)/ruff check --fix . && $(IN)/ruff format .

clean:
	rm -rf $(VENV) build static/plotly.min.js
