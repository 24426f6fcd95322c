# The same as the scripts, for those who have make.
.PHONY: golden test check schema matrix packer-compat

golden:
	scripts/golden

test:
	scripts/test

check:
	scripts/test --fast

schema: # after a change below schemas/
	.venv/bin/nodebake schema > schemas/nodebake.schema.json

matrix: # every combination of Kubernetes rendered on every distribution, some minutes
	.venv/bin/python -m tests.matrix > docs/matrix.md.new && mv docs/matrix.md.new docs/matrix.md

packer-compat:
	scripts/packer-compat
