#!/usr/bin/env bash
# Prints the path of a generator of Python clients from an OpenAPI document, making its environment, in which they run, on first use.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

environment generator openapi-python-client openapi-python-client==0.29.1 python-dateutil==2.9.0.post0
