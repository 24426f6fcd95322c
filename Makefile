# The same as the scripts, for those who have make.
.PHONY: golden test check schema docs matrix oracle proof prove packer-compat inventory swap-zoo roads targets bases cluster fuzz \
  reliability kubernetes-real

golden:
	scripts/golden

test:
	scripts/test

check:
	scripts/test --fast

schema: # after a change below schemas/
	.venv/bin/nodebake schema > schemas/nodebake.schema.json
	.venv/bin/nodebake schema pipeline > schemas/nodebake-pipeline.schema.json

docs: # after a change in generator/reasons, generator/symptoms, generator/facts/versions.yaml or a setting
	.venv/bin/nodebake explain --format markdown > docs/settings.md.new && mv docs/settings.md.new docs/settings.md

proof: # docs/proof.md: what is said of a node, tried in real boots; Go is needed, some ten minutes without KVM
	scripts/proof

oracle: # of every field of a profile 10,000 values through the real cloud-init of each Debian, a quarter of an hour
	scripts/oracle

matrix: # every combination of Kubernetes rendered on every distribution, some minutes
	.venv/bin/python -m tests.matrix > docs/matrix.md.new && mv docs/matrix.md.new docs/matrix.md

prove: # every fault of profiles/k8s-node.yaml on a real image: docs/prove.md, 40 minutes without KVM; goes on where it was
	scripts/prove

packer-compat:
	scripts/packer-compat

inventory: # after a change in what is expected or what goes wrong: look at what git then says
	.venv/bin/python -m tests.inventory

swap-zoo: # docs/swap.md, from real boots, half an hour
	scripts/swap-zoo

roads: # docs/roads.md, after a change of tests/roads/differences.yaml
	.venv/bin/python -m tests.roads > docs/roads.md.new && mv docs/roads.md.new docs/roads.md

targets: # docs/targets.md, after a change of generator/targets/targets.yaml or generator/cloudinit/keys.yaml
	.venv/bin/python -m tests.targets > docs/targets.md.new && mv docs/targets.md.new docs/targets.md

bases: # docs/bases.md, after a change of generator/facts/bases.yaml or generator/distros
	.venv/bin/python -m tests.bases > docs/bases.md.new && mv docs/bases.md.new docs/bases.md

cluster: # 200,000 nodes by a Dask cluster of which a worker is killed, against one machine: 6 GB of disk for some minutes
	.venv/bin/python -m tests.fleet.cluster

fuzz: # half an hour of each; what is found fails, and is said where it lies
	.venv/bin/python -m tests.fuzz profile --seconds 1800
	.venv/bin/python -m tests.fuzz nodes --seconds 1800

reliability: # docs/reliability.md: every fault of tests/reliability/cases.yaml, as root, half an hour without KVM
	scripts/reliability --long

kubernetes-real: # the table in docs/kubernetes.md, of the real kubeadm and kubelet; Go is needed, some forty minutes without KVM
	scripts/kubernetes-real
