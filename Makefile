# The front door. Each recipe is a script in scripts/, which installs what it finds missing.

.PHONY: serve dist test lint fmt figures bench-browser backbone backbone-ssl words clean

serve: dist ## build if needed, serve on localhost, print the URL
	@scripts/serve.sh

dist: ## the static site, in dist/
	@scripts/build.sh

test: lint ## everything that is checked
	@scripts/test.sh

lint: ## formatting and clippy
	@scripts/lint.sh

fmt: ## format the Rust sources
	@scripts/fmt.sh

figures: ## measure what we state about ourselves
	@scripts/figures.sh

bench-browser: ## our float and int8 beside onnxruntime-web and LiteRT.js, in Chromium
	@scripts/bench-browser.sh

backbone: ## train the supervised backbone: make backbone DATA=tiny-imagenet [TEACHER=teacher.npz] [ARGS=...]
	@scripts/train.sh supervised

backbone-ssl: ## train the self-supervised backbone: make backbone-ssl DATA=tiny-imagenet [ARGS=...]
	@scripts/train.sh selfsup

words: ## train the masked-word model: make words DATA=folder-of-texts [ARGS=...]
	@scripts/train.sh words

clean: ## forget everything built here (what was installed for all clones stays)
	@rm -rf target dist node_modules
