/** The other side of bench:als, in Python: fits implicit on the same pairs and prints seconds per iteration and loss. */
export const implicitScript = `
import json, sys, time
import numpy, scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

options = json.loads(sys.argv[1])
read = lambda name, kind: numpy.fromfile(f"{options['folder']}/{name}", dtype=kind)
confidence = 1 + options["alpha"] * read("ratings", numpy.float32)
pairs = scipy.sparse.csr_matrix(
    (confidence.astype(numpy.float32), read("itemIdx", numpy.uint32).astype(numpy.int32),
     read("pointers", numpy.uint32).astype(numpy.int32)),
    shape=(options["users"], options["items"]))
model = AlternatingLeastSquares(factors=options["rank"], regularization=options["regularization"], alpha=1.0,
    iterations=options["iterations"], num_threads=options["threads"], random_state=options["seed"])
times, last = [], [time.perf_counter()]
def heard(*_):
    now = time.perf_counter(); times.append(now - last[0]); last[0] = now
model.fit(pairs, show_progress=False, callback=heard)
x, y = model.user_factors.astype(numpy.float64), model.item_factors.astype(numpy.float64)
rows = numpy.repeat(numpy.arange(options["users"]), numpy.diff(pairs.indptr))
observed = 0.0
for start in range(0, pairs.nnz, 1 << 20):
    part = slice(start, start + (1 << 20))
    s = (x[rows[part]] * y[pairs.indices[part]]).sum(axis=1)
    c = pairs.data[part].astype(numpy.float64)
    observed += (c * (1 - s) ** 2 - s ** 2).sum()
total = observed + ((x.T @ x) * (y.T @ y)).sum() + options["regularization"] * ((x * x).sum() + (y * y).sum())
print(json.dumps({"times": times, "loss": total / options["users"] / options["items"]}))
`;
