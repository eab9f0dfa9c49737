"""Wrote written.json: what other programs' compressors and encoders make of the same 60 events.

pip install kafka-python==3.0.12 python-snappy==0.7.3 lz4==4.4.5 zstandard==0.25.0 crc32c==2.9.post0 xxhash==4.1.0
"""

import base64
import json

import lz4.frame
import snappy
import zstandard
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.legacy_records import LegacyRecordBatchBuilder

events = [json.dumps({"user_id": f"user-{i % 7}", "item_id": str(i * i % 97), "event_type": "click"}) for i in range(60)]
content = "\n".join(events).encode()


def batch(codec):
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 20)
    for i, event in enumerate(events):
        builder.append(i, 1700000000000 + i, b"key", event.encode(), [("n", str(i).encode())])
    return builder.build()


def messages(magic, codec):
    builder = LegacyRecordBatchBuilder(magic, codec, 1 << 20)
    for i, event in enumerate(events):
        builder.append(i, 1700000000000 + i, b"key", event.encode())
    built = bytes(builder.build())
    # A broker gives a message that holds others the offset of the last one.
    return built if codec == 0 else (len(events) - 1).to_bytes(8, "big") + built[8:]


stream = zstandard.ZstdCompressor(level=3).compressobj()
written = {
    "compressed": [
        ["snappy", snappy.compress(content)],
        ["lz4", lz4.frame.compress(content)],
        ["lz4", lz4.frame.compress(content, compression_level=9, block_linked=False, content_checksum=True, store_size=False)],
        ["zstd", zstandard.ZstdCompressor(level=3).compress(content)],
        ["zstd", zstandard.ZstdCompressor(level=19, write_checksum=True).compress(content)],
        ["zstd", stream.compress(content[:2000]) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) + stream.compress(content[2000:]) + stream.flush()],
    ],
    "batches": [[codec, batch(codec)] for codec in range(5)],
    "messages": [[magic, codec, messages(magic, codec)] for magic in (0, 1) for codec in range(4)],
}
print(json.dumps({"events": events, **written}, indent=1, default=lambda b: base64.b64encode(bytes(b)).decode()))
