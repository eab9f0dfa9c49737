"""Writes records by another client, as a shop's own programs would: python kafka_clients.py CLIENT BROKERS TOPIC PARTITION.

CLIENT is librdkafka or kafka-python. For each codec: 300 records in few batches, some with headers, one without a key, one
without a value. Then transactions: committed, aborted, committed, and an aborted one at the end. Prints the values that a
reader of what was committed has to see, one JSON list a codec and one for the transactions.
"""

import json
import sys

client, brokers, topic, partition = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
codecs = ["none", "gzip", "snappy", "lz4", "zstd"]


def value_of(codec, i):
    event = {"event_id": f"{client}-{codec}-{i}", "user_id": f"user-{i % 7}", "item_id": "1", "event_type": "click", "timestamp": 1700000000}
    return json.dumps(event)


def rdkafka_producer(codec, **more):
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": brokers, "compression.type": codec, "linger.ms": 200, **more})

    def send(key, value, headers=()):
        producer.produce(topic, value, key, partition=partition, headers=list(headers))

    return producer, send, producer.flush


def python_producer(codec, **more):
    from kafka import KafkaProducer

    producer = KafkaProducer(
        bootstrap_servers=brokers, compression_type=None if codec == "none" else codec, linger_ms=200, **more
    )

    def send(key, value, headers=()):
        producer.send(topic, value, key, list(headers), partition=partition)

    return producer, send, producer.flush


def transactional():
    name = f"{client}-transactions"
    if client == "librdkafka":
        return rdkafka_producer("lz4", **{"transactional.id": name})
    return python_producer("gzip", transactional_id=name)


make = rdkafka_producer if client == "librdkafka" else python_producer
for codec in codecs:
    producer, send, flush = make(codec)
    values = [value_of(codec, i) for i in range(300)]
    for i, value in enumerate(values):
        key = None if i == 10 else f"user-{i % 7}".encode()
        headers = [("source", b"shop"), ("trace", bytes([0, 255, i % 256]))] if i % 3 == 0 else []
        send(key, None if i == 20 else value.encode(), headers)
    flush()
    values[20] = ""
    print(json.dumps(values), flush=True)

producer, send, flush = transactional()
producer.init_transactions()
seen = []
for n, commit in enumerate([True, False, True, False]):
    producer.begin_transaction()
    for i in range(20):
        value = value_of("committed" if commit else "aborted", 100 * n + i)
        send(b"user-1", value.encode())
        if commit:
            seen.append(value)
    flush()
    if commit:
        producer.commit_transaction()
    else:
        producer.abort_transaction()
print(json.dumps(seen), flush=True)
