# The same as the scripts, for those who have make.
.PHONY: golden test check schema packer-compat

golden:
	scripts/golden

test:
	scripts/test

check:
	scripts/test --fast

schema: # after a change below schemas/
	.venv/bin/nodebake schema > schemas/nodebake.schema.json

packer-compat:
	scripts/packer-compat
