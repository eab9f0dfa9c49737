#!/usr/bin/env bash
# Prints the path of a Python that has the packages the engine tests need, making it on first use.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

environment python python deltalake==1.6.6 pyarrow==26.0.1 qdrant-edge-py==0.9.0 jsonschema-rs==0.60.3 \
  confluent-kafka==2.16.1 kafka-python==3.0.12 python-snappy==0.7.3 lz4==4.4.5 zstandard==0.25.0 \
  pandas==3.1.1 polars==2.1.0 openpyxl==3.1.5
