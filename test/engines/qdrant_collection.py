"""A collection of Qdrant: a queue of updates, applied one by one, over a shard of Qdrant's own engine."""

import copy
import os
import queue
import shutil
import threading
import time

from qdrant_edge import (
    CountRequest,
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    HasIdCondition,
    HnswIndexConfig,
    MatchAny,
    MatchValue,
    PayloadSchemaType,
    Point,
    Query,
    QueryRequest,
    RangeDateTime,
    RangeFloat,
    ScrollRequest,
    SearchParams,
    UpdateOperation,
)


class Refused(Exception):
    """400: the request makes no sense for this collection."""


HNSW = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000, "max_indexing_threads": 0, "on_disk": False}
OPTIMIZERS = {
    "deleted_threshold": 0.2,
    "vacuum_min_vector_number": 1000,
    "default_segment_number": 0,
    "max_segment_size": None,
    "indexing_threshold": 10000,
    "flush_interval_sec": 5,
    "max_optimization_threads": None,
}


def range_of(given):
    return (RangeDateTime if any(isinstance(bound, str) for bound in given.values()) else RangeFloat)(**given)


def condition(given):
    if "has_id" in given:
        return HasIdCondition(set(given["has_id"]))
    if given.keys() <= {"must", "should", "must_not"}:
        return filter_of(given)
    if set(given) == {"key", "range"}:
        return FieldCondition(given["key"], range=range_of(given["range"]))
    match = given.get("match", {})
    if set(given) != {"key", "match"} or len(match) != 1 or not (match.keys() <= {"value", "any"}):
        raise Refused(f"this server does not know the condition {given}")
    if isinstance(match.get("value"), bool):
        raise Refused("the engine's binding takes true and false for integers")
    return FieldCondition(given["key"], match=MatchAny(match["any"]) if "any" in match else MatchValue(match["value"]))


def filter_of(given):
    if given is None:
        return None
    return Filter(**{clause: [condition(each) for each in given[clause]] for clause in given})


def payload_of(selector, payload):
    return payload if selector is True else None


class Collection:
    def __init__(self, folder, body):
        self.folder = folder
        self.size = body["vectors"]["size"]
        self.distance = body["vectors"]["distance"]
        self.optimizers = {**OPTIMIZERS, **(body.get("optimizers_config") or {})}
        self.hnsw = {**HNSW, **(body.get("hnsw_config") or {})}
        self.payload_schema = {}
        self.lock = threading.Lock()
        self.operations = 0
        self.failed = None
        self.closed = False
        os.makedirs(folder)
        self.shard = EdgeShard.create(folder, self.config())
        self.updates = queue.Queue()
        self.worker = threading.Thread(target=self.run, daemon=True)
        self.worker.start()

    def config(self):
        return EdgeConfig(
            vectors=EdgeVectorParams(size=self.size, distance=getattr(Distance, self.distance)),
            hnsw_config=HnswIndexConfig(self.hnsw["m"], self.hnsw["ef_construct"], self.hnsw["full_scan_threshold"]),
            optimizers=EdgeOptimizersConfig(indexing_threshold=self.optimizers["indexing_threshold"]),
        )

    def run(self):
        while True:
            apply, done = self.updates.get()
            if apply is None:
                return
            # Behind, as a busy server is: whoever reads too early sees too little.
            time.sleep(0.002)
            try:
                with self.lock:
                    if not self.closed:
                        apply()
                done["error"] = None
            except Exception as error:
                self.failed = done["error"] = str(error)
            done["event"].set()
            self.updates.task_done()

    def submit(self, apply, wait):
        done = {"event": threading.Event(), "error": None}
        self.operations += 1
        operation = self.operations
        self.updates.put((apply, done))
        if wait:
            done["event"].wait()
            if done["error"]:
                raise Refused(f"Wrong input: {done['error']}")
        return {"operation_id": operation, "status": "completed" if wait else "acknowledged"}

    def close(self):
        with self.lock:
            self.closed = True
            self.shard.close()
        self.updates.put((None, None))
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, use):
        with self.lock:
            if self.closed:
                raise KeyError("closed")
            try:
                return use(self.shard)
            except Exception as error:
                raise Refused(f"Wrong input: {error}") from error

    def upsert(self, body, wait):
        if "points" not in body or set(body) - {"points"}:
            raise Refused("this server takes lists of points alone")
        for given in body["points"]:
            if len(given["vector"]) != self.size:
                raise Refused(f"Wrong input: Vector dimension error: expected dim: {self.size}, got {len(given['vector'])}")
        points = [Point(given["id"], given["vector"], given.get("payload")) for given in body["points"]]
        return self.submit(lambda: self.shard.update(UpdateOperation.upsert_points(points)), wait)

    def batch(self, body, wait):
        sets = [operation.get("set_payload") for operation in body["operations"]]
        if None in sets or any(set(each) != {"payload", "points"} for each in sets):
            raise Refused("this server sets payloads of listed points alone")

        def apply():
            for each in sets:
                self.shard.update(UpdateOperation.set_payload(each["points"], each["payload"]))

        # An answer per operation.
        return [self.submit(apply, wait)] + [{"operation_id": self.operations, "status": "completed"} for _ in sets[1:]]

    def create_index(self, body, wait):
        field, schema = body["field_name"], body["field_schema"]

        def apply():
            self.shard.update(UpdateOperation.create_field_index(field, getattr(PayloadSchemaType, schema.capitalize())))
            self.payload_schema[field] = schema

        return self.submit(apply, wait)

    def patch(self, body):
        if set(body) - {"optimizers_config"}:
            raise Refused("this server changes optimizers alone")
        self.optimizers.update(body["optimizers_config"])

        def apply():
            # The engine reads its configuration when it opens a shard.
            self.shard.close()
            self.shard = EdgeShard.load(self.folder, self.config())
            if self.optimizers["indexing_threshold"] > 0:
                self.shard.optimize()

        self.submit(apply, False)

    def info(self):
        info = self.read(lambda shard: shard.info())
        status = "green" if self.updates.unfinished_tasks == 0 else "yellow"
        return {
            "status": "red" if self.failed else status,
            "optimizer_status": {"error": self.failed} if self.failed else "ok",
            "indexed_vectors_count": info.indexed_vectors_count,
            "points_count": info.points_count,
            "segments_count": info.segments_count,
            "config": {
                "params": {
                    "vectors": {"size": self.size, "distance": self.distance},
                    "shard_number": 1,
                    "replication_factor": 1,
                    "write_consistency_factor": 1,
                    "on_disk_payload": True,
                },
                "hnsw_config": self.hnsw,
                "optimizer_config": self.optimizers,
                "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1},
                "quantization_config": None,
            },
            "payload_schema": {
                field: {"data_type": schema, "points": info.points_count} for field, schema in self.payload_schema.items()
            },
        }

    def count(self, body):
        request = CountRequest(exact=body.get("exact", True), filter=filter_of(body.get("filter")))
        return {"count": self.read(lambda shard: shard.count(request))}

    def query(self, body):
        params = body.get("params") or {}
        request = QueryRequest(
            limit=body.get("limit") or 10,
            query=Query.Nearest(body["query"]),
            filter=filter_of(body.get("filter")),
            params=SearchParams(exact=params.get("exact", False), hnsw_ef=params.get("hnsw_ef")),
            with_payload=bool(body.get("with_payload")),
            with_vector=bool(body.get("with_vector")),
        )
        found = self.read(lambda shard: shard.query(request))
        return {
            "points": [
                {"id": p.id, "version": p.version, "score": p.score, "payload": p.payload, "vector": p.vector}
                for p in found
            ]
        }

    def scroll(self, body):
        request = ScrollRequest(
            offset=body.get("offset"),
            limit=body.get("limit") or 10,
            filter=filter_of(body.get("filter")),
            with_payload=body.get("with_payload", True),
            with_vector=body.get("with_vector", False),
        )
        points, following = self.read(lambda shard: shard.scroll(request))
        return {
            "points": [{"id": p.id, "payload": copy.copy(p.payload), "vector": p.vector} for p in points],
            "next_page_offset": following,
        }
