#!/bin/sh
# A shop of two files, read and learnt from, in a folder of its own (EXAMPLE_DIR): `npm run build && sh scripts/examples/import.sh`.
set -eu
export DATA_DIR="${EXAMPLE_DIR:-$(mktemp -d)}"
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

cat >"$files/orders.csv" <<CSV
customer,sku,ordered_at,pieces
ann,tea,2026-01-05T10:00:00Z,1
ann,pot,2026-01-05T10:00:00Z,1
bob,tea,2026-01-06,2
bob,mug,2026-01-06,1
cem,mug,2026-01-07,1
cem,pot,2026-01-07,1
CSV
cat >"$files/products.csv" <<CSV
sku,name,type
tea,Green tea,Drinks
pot,Tea pot,Kitchen
mug,Mug,Kitchen
cup,Cup,Kitchen
CSV

node dist/main.js import --events "$files/orders.csv" --user customer --item sku --timestamp ordered_at --quantity pieces \
  --items "$files/products.csv" --item-id sku --title name --category type
node dist/main.js batch --als-rank 8
echo "serve it with: DATA_DIR=$DATA_DIR node dist/main.js all-in-one"
