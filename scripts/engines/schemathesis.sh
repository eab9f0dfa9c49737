#!/usr/bin/env bash
# Prints the path of schemathesis, which tries an API by its OpenAPI document, making its environment on first use.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

environment schemathesis schemathesis schemathesis==4.32.5
