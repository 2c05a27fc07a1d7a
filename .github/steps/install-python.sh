#!/usr/bin/env bash
# What the local platform needs of Python, in the container of the tests.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends python3 python3-venv python3-pip util-linux
