# Two commands: `make run` and `make test`. Everything they need is installed on first use.
PYTHON ?= python3
ARGS ?=
TOOLS = $(PYTHON) -m tools

.PHONY: help run test test-days test-core test-odoo test-beside lint setup clean shell psql odoo po bench faults mutants fuzz package signer signer-packages

help:
	@echo "make run     start Odoo with demo data and the pretend banks; Ctrl-C stops them"
	@echo "make test    every test; a part of them: make test ARGS='tests/test_x.py -k word'"
	@echo "make test-days  the tests on a Saturday, on 29 February and so on: seven other clocks"
	@echo "make test-core  Odoo's own accounting tests, without and with the add-on: no difference"
	@echo "make test-odoo  our tests in Odoo's own runner"
	@echo "make test-beside  the tests of what others may change, with Sales, Stock, Point of Sale there"
	@echo "make lint    style, Odoo's rules, XML, translations"
	@echo "make bench   figures;  make faults  the fault suite;  make fuzz  broken documents"
	@echo "make mutants  the safety rules broken on purpose; ARGS=--short as in CI"
	@echo "make signer  the card signer as one file, signer.pyz;  make signer-packages  installed ones"
	@echo "make package  the add-on as a wheel, in build/dist"
	@echo "make shell   Odoo's Python shell in the database of make run;  make psql  its SQL shell"
	@echo "make po      write new terms into i18n/"
	@echo "make clean   remove the databases of this checkout"

setup run test test-days test-core test-odoo test-beside lint clean po bench faults mutants fuzz package signer signer-packages shell psql odoo:
	@$(TOOLS) $@ $(ARGS)
