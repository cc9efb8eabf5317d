# Everything a person types. `make` alone lists it.
#   LAN=1     with make up: serve phones on this network by https (or LAN=192.168.1.5, an address of this machine)
#   PYTHON=…  a Python 3.11 or later       MOYAI_STATE=…  where everything generated lies (default: var)
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13; do \
	$$name $(NEW_ENOUGH) 2>/dev/null && echo $$name && exit; done; echo python3)
VENV := .venv
MOYAI := $(VENV)/bin/moyai
EXTRAS := chaincode,client,network,webui,bridge,test
READY := $(VENV)/ready

# Debian packages; `program=package` is wanted only where the program is not on PATH.
# WeasyPrint's libraries and the fonts of the labels, a C compiler for the certificate authority's SQLite, and the broker
# of the meters.
TO_RUN := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk cc=gcc cc=libc6-dev mosquitto
# The tests read labels like a phone, browse like a person, keep rows in PostgreSQL, and run the official Node client.
TO_TEST := pdftoppm=poppler-utils zbarimg=zbar-tools chromium=chromium certutil=libnss3-tools postgresql git=git
NODE := $(shell node -p 'process.versions.node.split(".")[0] >= 18' 2>/dev/null)
TO_TEST += $(if $(filter true,$(NODE)),npm=npm,nodejs npm)

# Lists the packages that are missing and installs them: as root or with sudo at once, else it prints the line to type.
define install_packages
	if ! command -v dpkg-query >/dev/null; then
		echo 'No dpkg here: these must be there by other means: $(1)'
		exit 0
	fi
	missing=()
	for wanted in $(1); do
		package=$${wanted##*=}
		case $$wanted in *=*) command -v "$${wanted%%=*}" >/dev/null && continue ;; esac
		[[ $$(dpkg-query -W -f='$${db:Status-Status}' "$$package" 2>/dev/null || true) == installed ]] || missing+=("$$package")
	done
	[[ $${#missing[@]} -gt 0 ]] || exit 0
	# Debian would start a broker of its own on port 1883; nobody here needs it.
	mask=()
	if [[ " $${missing[*]} " == *" mosquitto "* ]] && [[ -d /run/systemd/system ]]; then
		mask=(systemctl mask mosquitto.service)
	fi
	if [[ $$(id -u) == 0 ]]; then sudo=(env)
	elif sudo -n true 2>/dev/null; then sudo=(sudo)
	else
		echo 'Some Debian packages are missing. Type this one line, then call make again:'
		echo "  $${mask:+sudo $${mask[*]} && }sudo apt-get update && sudo apt-get install --yes --no-install-recommends $${missing[*]}"
		exit 1
	fi
	echo "Installing Debian packages: $${missing[*]}"
	[[ $${#mask[@]} == 0 ]] || "$${sudo[@]}" "$${mask[@]}"
	"$${sudo[@]}" apt-get update --quiet=2
	"$${sudo[@]}" DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "$${missing[@]}"
endef

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

.PHONY: up
up: install ## install what is missing, start the three municipalities, print addresses and accounts
	@$(MOYAI) network up $(if $(LAN),--lan $(LAN))
	$(MOYAI) directory bootstrap
	$(MOYAI) webui prepare
	$(MOYAI) network start meters
	$(MOYAI) network start webui
	$(MOYAI) network start simulator
	$(MOYAI) webui addresses

.PHONY: down status reset
down: $(READY) ## stop everything; the data stay
	@$(MOYAI) network down

status: $(READY) ## what runs, and how it fares
	@$(MOYAI) network status

reset: $(READY) ## stop everything and delete all data, after asking
	@$(MOYAI) network reset

.PHONY: demo-data
demo-data: $(READY) ## 七尾市's shelters of January 2024, needs, offers, boxes (after make up)
	@$(MOYAI) demo load

.PHONY: test test-fast bench chaos-meters
test: install packages-to-test ## every test; starts and stops what it needs on free ports
	@$(VENV)/bin/python -m pytest

test-fast: $(READY) ## the tests that start no program
	@$(VENV)/bin/python -m pytest -m 'not process'

bench: install ## measures throughput, latency, start, memory, disk into var/bench.json
	@$(VENV)/bin/python -m tests.bench.bench

chaos-meters: install packages-to-test ## 200 simulated homes for a month, everything killed in between
	@$(VENV)/bin/python -m tests.chaos.meters_month

.PHONY: install packages-to-run packages-to-test
install: packages-to-run $(READY) ## install what is missing, start nothing
	@$(MOYAI) network binaries >/dev/null
	$(MOYAI) audit --prepare

packages-to-run:
	@$(call install_packages,$(TO_RUN))

packages-to-test:
	@$(call install_packages,$(TO_TEST))

# The stamp holds the folder it was made for: an environment that was moved is made anew.
ifneq ($(file <$(READY)),$(CURDIR))
.PHONY: $(READY)
endif
$(READY): setup.cfg pyproject.toml constraints.txt
	@if ! $(PYTHON) $(NEW_ENOUGH) 2>/dev/null; then
		echo 'Moyai needs Python 3.11 or later, and "$(PYTHON)" is none: name one with  make PYTHON=/path/to/python3.11'
		exit 1
	fi
	if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then
		( $(call install_packages,python3-venv) )
	fi
	echo 'Installing the Python packages into $(VENV)'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[$(EXTRAS)]'
	printf %s '$(CURDIR)' >$@
